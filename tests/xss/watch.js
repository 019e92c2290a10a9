/* Before any payload comes: notes whatever a script could do to this page. `tripped` is read by the test. */
"use strict";

const tripped = [];
const trip = (what) => void (tripped.length < 100 && tripped.push(String(what).slice(0, 300)));

for (const name of ["alert", "confirm", "prompt", "print", "open", "msgbox", "fetch", "postMessage", "stop"])
  window[name] = () => trip(`${name}() was called`);
for (const name of ["pushState", "replaceState"]) history[name] = () => trip(`history.${name}() was called`);
navigator.sendBeacon = () => trip("sendBeacon() was called");
document.write = () => trip("document.write() was called");

addEventListener("securitypolicyviolation", (event) => trip(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
for (const name of ["focusin", "submit", "hashchange", "popstate", "beforeunload", "toggle"])
  addEventListener(name, (event) => trip(`${name} of ${event.target?.nodeName}`), true);

/** What a reply may not change, as one text. */
function surroundings() {
  const styles = ["html", "body", "#above", "#below"].map((selector) => {
    const style = getComputedStyle(document.querySelector(selector));
    return ["position", "display", "opacity", "transform", "background", "animation", "font", "color", "zIndex", "filter"].map((name) => style[name]);
  });
  return JSON.stringify([
    styles,
    [...document.documentElement.attributes, ...document.body.attributes].map(({ name, value }) => [name, value]),
    [...document.head.children].map(({ outerHTML }) => outerHTML),
    [...document.body.children].map(({ localName, id }) => [localName, id]),
    document.cookie,
    Object.entries(localStorage),
    Object.entries(sessionStorage),
    document.activeElement?.localName,
    location.href,
    history.length,
    document.title,
    Object.getOwnPropertyNames(window).length,
    [Object, Array, String, Map, Element, Document].map(({ prototype }) => Object.getOwnPropertyNames(prototype).length),
    document.styleSheets.length,
    document.adoptedStyleSheets.length,
    window.length,
  ]);
}
