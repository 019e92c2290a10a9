"""`%%qwen` and `%qwen` as IPython sees them: options, defaults, Tab. The only file that imports IPython.core."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import TYPE_CHECKING, Any, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments
from traitlets import Bool, Float, Int, List, Unicode

from .magic_line import LineError, is_ours, keep_questions

if TYPE_CHECKING:
    from .chat import Chat
    from .comparing import Comparison
    from .diagnosis import Diagnosis
    from .reply import Reply

_MATCHER = "qwen_nb"


@magics_class
class QwenMagics(Magics):
    """The magics of `%load_ext qwen_nb`. `%config QwenMagics` lists what can be set for all cells."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.chats: dict[str, Chat] = {}
        """The conversations of `--chat`, by name."""
        self.cell = ""
        """The id of the cell that runs, `""` if the front end does not say."""
        self.deleted: set[str] = set()
        """Ids of cells that are gone."""
        shell.events.register("pre_run_cell", self._note_cell)
        shell.input_transformers_cleanup.append(keep_questions)
        matchers = shell.Completer.custom_matchers
        # IPython warns of two of one name, after %reload_ext.
        matchers[:] = [*(each for each in matchers if getattr(each, "matcher_identifier", "") != _MATCHER), self.complete]

    model = Unicode("", help="Model to ask.").tag(config=True)
    endpoint = Unicode("", help="Server to ask: a name such as vllm, or an address.").tag(config=True)
    system = Unicode("", help="System message.").tag(config=True)
    thinking = Bool(None, allow_none=True, help="Whether the model thinks first; None leaves it to the model.").tag(config=True)
    thinking_budget = Int(None, allow_none=True, help="Most tokens of thinking.").tag(config=True)
    temperature = Float(None, allow_none=True, help="Temperature of sampling.").tag(config=True)
    top_p = Float(None, allow_none=True, help="Probability mass of sampling.").tag(config=True)
    max_tokens = Int(None, allow_none=True, help="Most tokens of the answer.").tag(config=True)
    stop = List(Unicode(), help="Texts before which the answer ends.").tag(config=True)
    seed = Int(None, allow_none=True, help="Seed of sampling.").tag(config=True)
    timeout = Float(None, allow_none=True, help="Seconds without data that end a stream, or one of four attempts.").tag(config=True)
    tools = Unicode("", help="Functions of the notebook that the model may call, with commas.").tag(config=True)
    confirm = Bool(False, help="Whether you are asked before each call of the tools.").tag(config=True)
    schema_retries = Int(0, help="How often the model may correct an answer that does not follow its schema.").tag(config=True)
    voice = Unicode("", help="Voice in which Qwen-Omni speaks its answers, such as Cherry.").tag(config=True)
    settle = Bool(True, help="Whether a reply becomes plain notebook output when it has ended.").tag(config=True)
    fill = Bool(True, help="Whether {name} in a prompt is filled from the notebook's variables.").tag(config=True)
    raw = Bool(False, help="Whether answers are shown as they come, not as Markdown.").tag(config=True)

    @magic_arguments()
    @argument("-o", "--out", metavar="NAME", help="variable that gets the reply, also when it is cut off")
    @argument("-m", "--model", help="model to ask")
    @argument("-e", "--endpoint", help="server to ask: a name such as vllm, an address, or a variable")
    @argument("-s", "--system", metavar="TEXT", help="system message")
    @argument("--thinking", action=BooleanOptionalAction, help="whether the model thinks first")
    @argument("--thinking-budget", type=int, metavar="N", help="most tokens of thinking")
    @argument("--temperature", type=float, metavar="T", help="higher is more random")
    @argument("--top-p", type=float, metavar="P", help="sample from the most probable tokens that make up P")
    @argument("--max-tokens", type=int, metavar="N", help="most tokens of the answer")
    @argument("--stop", action="append", metavar="TEXT", help="end the answer before this text; may be repeated")
    @argument("--seed", type=int, metavar="N", help="the same seed gives the same answer, where the server keeps to it")
    @argument("-i", "--images", metavar="A,B", help="pictures: paths, addresses, or variables of the notebook")
    @argument("--audio", metavar="A,B", help="sound, likewise")
    @argument("--video", metavar="A,B", help="film, likewise")
    @argument("-t", "--tools", metavar="F,G", help="functions of the notebook that the model may call")
    @argument("--confirm", action=BooleanOptionalAction, help="whether you are asked before each call of --tools")
    @argument("--tool-choice", metavar="NAME", help="auto, none, required, or the function that must be called")
    @argument("--schema", metavar="TYPE", help="type of the notebook that the answer must follow; reply.parsed is its value")
    @argument("--schema-retries", type=int, metavar="N", help="how often the model may correct an answer that does not follow it")
    @argument("--voice", metavar="NAME", help="let Qwen-Omni speak the answer, in a voice such as Cherry")
    @argument("-c", "--chat", metavar="NAME", help="go on with this conversation; running the cell again replaces its turn")
    @argument("--compare", metavar="A,B", help="ask these models at once, side by side")
    @argument("-b", "--background", action="store_true", help="return at once; the reply streams into this cell meanwhile")
    @argument("--raw", action=BooleanOptionalAction, help="whether the answer is shown as it comes, not as Markdown")
    @argument("-q", "--quiet", action="store_true", help="show nothing; the reply is in qn.last, and in --out")
    @argument("--settle", action=BooleanOptionalAction, help="whether the reply becomes plain output when it has ended")
    @argument("--fill", action=BooleanOptionalAction, help="whether {name} in the prompt is filled from the notebook")
    @argument("--to-cell", action="store_true", help="put the code of the answer into the next cell")
    @argument("--record", metavar="PATH", help="record the exchange in this file, for qn.replay")
    @argument("--timeout", type=float, metavar="S", help="seconds without data that end a stream, or one of four attempts")
    @argument("-h", "--help", action="store_true", help="print this")
    @no_var_expand
    @line_cell_magic
    def qwen(self, line: str, cell: str | None = None) -> Reply | Comparison | Diagnosis | None:
        """Ask a Qwen model; the reply streams into the cell.

        `%%qwen` asks what the cell says. `%qwen PROMPT` asks in one line. `{name}` in a prompt is filled from the notebook.
        `%qwen status` shows which server is asked and why; `%qwen connect vllm` (or an address, or auto) asks another one from
        now on; `%qwen doctor` examines it. `%qwen chats` lists conversations, `%qwen reset NAME` forgets one.
        `%config QwenMagics.model = "..."` sets an option for all cells.
        """
        # The rest of the package is not needed before the first question; `%load_ext` should cost nothing.
        from .commands import run

        try:
            return run(self, line, cell)
        except LineError as error:
            raise UsageError(str(error)) from None

    @property
    def options(self) -> MagicArgumentParser:
        """What reads the options above."""
        return cast(MagicArgumentParser, self.qwen.parser)

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's variables."""
        names: dict[str, Any] = cast(InteractiveShell, self.shell).user_ns
        return names

    def put_into_next_cell(self, code: str) -> None:
        """Offer `code` to run next."""
        cast(InteractiveShell, self.shell).set_next_input(code)

    @context_matcher(identifier=_MATCHER, priority=1)
    def complete(self, context: CompletionContext) -> SimpleMatcherResult:
        """What may come next on a line of ours, and only that; nothing elsewhere."""
        line = context.text_until_cursor
        if not is_ours(line, is_first=context.cursor_line == 0):
            return cast(SimpleMatcherResult, {"completions": []})
        from .completion import completions

        word, found = completions(line, self.options, self.names, self.chats)
        matching = [SimpleCompletion(each, type=kind) for each, kind in found.items() if each.startswith(word)]
        result = {"completions": matching, "matched_fragment": word, "suppress": True, "ordered": True}
        return cast(SimpleMatcherResult, result)

    def _note_cell(self, info: object) -> None:
        """Before each cell: which it is, and which have been deleted. A front end says so in the metadata of its request."""
        kernel = getattr(self.shell, "kernel", None)
        metadata = kernel.get_parent().get("metadata", {}) if kernel else {}
        self.cell = str(metadata.get("cellId") or getattr(info, "cell_id", None) or "")
        self.deleted |= set(metadata.get("deletedCells") or ())
