/** Answers as models write them: between them they use all that can be drawn. */
export interface Answer {
  readonly name: string;
  readonly markdown: string;
}

export const answers: readonly Answer[] = [
  {
    name: "an English answer about sorting",
    markdown: String.raw`# Choosing a sorting algorithm

Short answer: **use what your language ships with**. Python's ${"`sorted`"} is [Timsort](https://en.wikipedia.org/wiki/Timsort "a merge sort"),
which is *stable* and runs in $O(n \log n)$ — see [the notes][notes] and the footnote[^tim]. The rest is for the curious.

## What the costs are

| Algorithm | Average | Worst | Stable | Memory |
| :-- | :-: | :-: | :-: | --: |
| Timsort | $n \log n$ | $n \log n$ | yes | $O(n)$ |
| Quicksort | $n \log n$ | $n^2$ | ~~yes~~ no | $O(\log n)$ |
| Heapsort | $n \log n$ | $n \log n$ | no | **$O(1)$** |
| Radix \| bucket | $n \cdot k$ | $n \cdot k$ | yes | ${"`n + k`"} |

The recurrence behind the first column is

$$
T(n) = 2\,T\!\left(\frac{n}{2}\right) + \Theta(n)
\quad\Longrightarrow\quad T(n) = \Theta(n \log n)
$$

and with \(k\) digits it is \[ T(n) = k \sum_{i=1}^{n} 1 = \Theta(kn). \]

### A quicksort, step by step

1. Pick a pivot. Any will do, but a *random* one keeps an adversary from making it $n^2$.
2. Partition:
   - what is smaller goes left,
   - what is greater goes right,
     and what is equal stays where it is.

   ${"```"}python
   def quicksort(xs: list[int]) -> list[int]:
       """Not in place; readable."""
       if len(xs) < 2:
           return xs
       pivot, *rest = xs
       return quicksort([x for x in rest if x < pivot]) + [pivot] + quicksort([x for x in rest if x >= pivot])
   ${"```"}

3. Recurse.

   > A recursion of depth $n$ overflows the stack.
   > Recurse into the *smaller* half first.

Benchmarks on my machine cost between $5 and $10 of electricity; US$3 of it was idle time.

${"```"}bash
$ python -m timeit -s "import random; xs = random.sample(range(10**6), 10**5)" "sorted(xs)"
10 loops, best of 5: 21.3 msec per loop
${"```"}

- [x] measure first
- [x] read ${"`list.sort`"}'s source
- [ ] write your own (you will not need to)

---

Further reading: https://docs.python.org/3/howto/sorting.html, <https://bugs.python.org>, or mail docs@python.org. HTML such as
<b>this</b> or <script>alert(1)</script> is text. An image: ![the merge tree](https://example.com/merge.png "runs").

Setext works as well
--------------------

snake_case_names stay whole, 2 * 3 * 4 = 24, and \*escaped stars\* are stars.${"  "}
This line follows a hard break.

[notes]: https://github.com/python/cpython/blob/main/Objects/listsort.txt "listsort.txt"

[^tim]: Tim Peters wrote it in 2002.

    It has since been adopted by Java, Android, and *Swift*.
`,
  },
  {
    name: "a Chinese answer about gradients",
    markdown: String.raw`## 梯度下降是什么？

**梯度下降**（Gradient Descent）是一种优化算法。它沿着**损失函数**下降最快的方向更新参数，**“重要”**也不例外。设损失为$L(\theta)$，学习率为$\eta$，则

$$\theta_{t+1} = \theta_t - \eta \nabla_\theta L(\theta_t)$$

其中：

1. **步长**：$\eta$太大会震荡，太小则收敛慢。
   - 常用取值为${"`1e-3`"}到${"`1e-1`"}；
   - 也可以用*学习率衰减*，见下表。
2. **批量**：一次用多少样本。**（小批量）**最常见。
3. **动量**：$v_{t+1} = \beta v_t + (1-\beta)\nabla L$。

| 方法 | 更新式 | 备注 |
|---|:-:|--:|
| SGD | $\theta - \eta g$ | 简单 |
| Adam | $\theta - \eta\,\hat m/(\sqrt{\hat v}+\epsilon)$ | **默认选择** |

${"```"}python
import torch

# 一个最小的例子：拟合 y = 2x
w = torch.zeros(1, requires_grad=True)
for step in range(100):
    loss = ((w * torch.arange(4.0) - 2 * torch.arange(4.0)) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad.zero_()
print(w.item())  # 约等于 2
${"```"}

> 注意：\(\nabla L\)为零的点不一定是最小值，也可能是鞍点。

价格从$5涨到$10，这不是公式。详见[维基百科](https://zh.wikipedia.org/wiki/梯度下降法)，或访问 https://pytorch.org/docs 。**中文。**后面是普通文字，~~删除的~~文字，***又粗又斜***的文字。

- [ ] 试试不同的学习率
- [x] 画出损失曲线[^图]

[^图]: 用 ${"`matplotlib`"} 即可。
`,
  },
  {
    name: "a Japanese answer with an Arabic quotation",
    markdown: `### 手順

**「設定」**を開き、*詳細*を選びます。**(a)**はその次です。

* 項目一

  続きの段落。${"`code`"}も使えます。

* 項目二
  1. 入れ子
  2. 入れ子その二
     ${"~~~"}json
     {"鍵": "値", "n": [1, 2.5e3, null]}
     ${"~~~"}
* 項目三

> مرحبا بالعالم — **هذا** اقتباس.
>
> > 二重の引用。
> > $E = mc^2$

    字下げされたコード
      その二行目

終わり。[リンク][L]と![図](data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==)。

[L]: <https://example.jp/道> (題)
`,
  },
  {
    name: "an answer that was cut off",
    markdown: String.raw`Here is the *plan:

- first **bold and
- then ${"`code`"} and [a link](https://example.com/very/long

| a | b
|---|---|
| 1 | **2

$$
\int_0^1 x^2 \, dx

${"```"}js
const unfinished = "`,
  },
];
