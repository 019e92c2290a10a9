/*
 * Long answers as models write them, made up from a seed: the same on every run.
 */

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS = `the of and to in a is that for it as with on by this are be from at or an which you can not we model data
training gradient loss layer token batch network learning rate value function result sample feature weight parameter method
step error test set input output vector matrix space time cost memory compute kernel cache thread process file query index
table row column key node graph path tree list array string number type class object interface module package version
release build server client request response stream buffer chunk frame render layout paint style script event handler`
  .split(/\s+/);
const HAN = "模型训练数据梯度损失函数网络学习率参数更新方法步骤误差测试输入输出向量矩阵时间成本内存计算缓存线程文件查询索引表格节点路径列表对象接口模块版本服务请求响应缓冲布局样式事件";
const FORMULAS = [
  "x^2", "\\alpha", "O(n \\log n)", "\\frac{1}{n}\\sum_{i=1}^n x_i", "\\theta_{t+1}", "\\nabla L", "e^{i\\pi}", "p(x \\mid y)",
  "\\mathbb{R}^d", "\\|w\\|_2", "\\sigma(z)", "A^\\top A", "\\hat{y}", "\\epsilon", "k \\le n", "\\int_0^1 f(t)\\,dt",
];
const DISPLAYS = [
  "\\mathcal{L}(\\theta) = -\\frac{1}{N}\\sum_{i=1}^{N} \\log p_\\theta(y_i \\mid x_i)",
  "\\begin{aligned} a &= b + c \\\\ &= d \\end{aligned}",
  "\\operatorname{softmax}(z)_i = \\frac{e^{z_i}}{\\sum_{j} e^{z_j}}",
];

class Writer {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = random(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.pick(WORDS)).join(" ");
  }

  /** A few words with something marked up among them. */
  phrase(): string {
    const words = this.words(3 + this.below(9));
    switch (this.below(14)) {
      case 0:
        return `${words} **${this.words(2)}**`;
      case 1:
        return `${words} *${this.words(2)}*`;
      case 2:
      case 3:
        return `${words} \`${this.pick(WORDS)}_${this.pick(WORDS)}()\``;
      case 4:
      case 5:
        return `${words} $${this.pick(FORMULAS)}$`;
      case 6:
        return `${words} [${this.words(2)}](https://example.org/${this.pick(WORDS)}/${this.below(999)})`;
      case 7:
        return `${words} (about $${this.below(90) + 10} per month)`;
      default:
        return words;
    }
  }

  sentence(): string {
    const text = Array.from({ length: 1 + this.below(3) }, () => this.phrase()).join(", ");
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  }

  paragraph(): string {
    return Array.from({ length: 3 + this.below(4) }, () => this.sentence()).join(" ");
  }

  han(count: number): string {
    return Array.from({ length: count }, () => this.pick([...HAN])).join("");
  }

  chinese(): string {
    const clause = () => {
      const text = this.han(4 + this.below(10));
      switch (this.below(6)) {
        case 0:
          return `**${this.han(3)}**${text}`;
        case 1:
          return `${text}$${this.pick(FORMULAS)}$`;
        case 2:
          return `\`${this.pick(WORDS)}\`${text}`;
        default:
          return text;
      }
    };
    return `${Array.from({ length: 6 + this.below(6) }, clause).join("，")}。`;
  }

  item(depth: number): string {
    const line = `${"  ".repeat(depth)}- ${this.phrase()}, ${this.phrase()}`;
    if (depth === 2 || this.below(3) > 0) return line;
    return [line, ...Array.from({ length: 2 + this.below(2) }, () => this.item(depth + 1))].join("\n");
  }

  code(lines: number): string {
    const line = (index: number) => {
      switch (this.below(5)) {
        case 0:
          return `def ${this.pick(WORDS)}_${index}(${this.pick(WORDS)}, ${this.pick(WORDS)}=${this.below(100)}):`;
        case 1:
          return `    # ${this.words(5)}`;
        case 2:
          return `    return "${this.words(3)}"`;
        case 3:
          return `    ${this.pick(WORDS)} = [${this.pick(WORDS)} for ${this.pick(WORDS)} in range(${this.below(1000)})]`;
        default:
          return `    ${this.pick(WORDS)}.${this.pick(WORDS)}(${this.pick(WORDS)}[${this.below(10)}], "${this.pick(WORDS)}")`;
      }
    };
    return Array.from({ length: lines }, (_, index) => line(index)).join("\n");
  }

  row(): string {
    return `| ${this.words(2)} | \`${this.pick(WORDS)}\` | ${this.below(9999)} | ${this.phrase()} |`;
  }

  table(rows: number): string {
    return ["| Name | Symbol | Value | Note |", "|:--|:-:|--:|---|", ...Array.from({ length: rows }, () => this.row())].join("\n");
  }

  section(index: number): string {
    const parts = [`${"#".repeat(2 + (index % 3))} ${index + 1}. ${this.words(4)}`, this.paragraph(), this.paragraph()];
    parts.push(Array.from({ length: 5 }, () => this.item(0)).join("\n"), this.paragraph());
    if (index % 2 === 0) parts.push(this.table(6), this.chinese());
    parts.push(`\`\`\`python\n${this.code(24)}\n\`\`\``, this.paragraph());
    if (index % 2 === 1) parts.push(`$$\n${this.pick(DISPLAYS)}\n$$`, this.chinese(), this.chinese());
    parts.push(Array.from({ length: 4 }, (_, number) => `${number + 1}. ${this.sentence()}`).join("\n"), `> ${this.sentence()}`);
    return parts.join("\n\n");
  }
}

/** An answer of about `size` characters with everything in it. */
export function answer(size: number): string {
  const writer = new Writer(1);
  let text = "";
  for (let index = 0; text.length < size; index++) text += `${writer.section(index)}\n\n`;
  return text.slice(0, size);
}

/** One block that grows, of a kind and size that is easy to double. */
export const openBlocks: Readonly<Record<string, (count: number) => string>> = {
  "fence of 64 kB": (count) => `\`\`\`python\n${new Writer(2).code(4000).slice(0, (64_000 * count) / 2)}`,
  "table of 700 rows": (count) => new Writer(3).table((700 * count) / 2),
  "list of 400 items": (count) => Array.from({ length: (400 * count) / 2 }, (_, index) => `${index + 1}. ${new Writer(index).sentence()}`).join("\n"),
  "nested list of 400 items": (count) => {
    const writer = new Writer(4);
    return Array.from({ length: (400 * count) / 2 }, (_, index) => `${"  ".repeat(index % 4)}- ${writer.phrase()}`).join("\n");
  },
  "paragraph of 20 kB": (count) => {
    const writer = new Writer(5);
    let text = "";
    while (text.length < (20_000 * count) / 2) text += `${writer.sentence()} `;
    return text;
  },
};
