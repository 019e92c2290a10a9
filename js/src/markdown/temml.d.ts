declare module "temml/temml.js" {
  import temml from "temml";
  export default temml;
}
