"""`%%qwen` and `%qwen`: parse, call one public function, return its value. The only file that imports IPython.core."""

from __future__ import annotations

from argparse import Namespace
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments
from traitlets import Bool, Float, Int, List, Unicode

from . import asking, named
from .api import ask
from .chat import Chat
from .code_blocks import code_of
from .completion import completions, is_ours
from .diagnosis import Diagnosis, doctor
from .errors import ConfigError
from .filling import fill
from .magic_line import keep_questions, split_line
from .profiles import PROFILES
from .question import Text
from .reply import Reply
from .status import status

if TYPE_CHECKING:
    from .comparing import Comparison

_MATCHER = "qwen_nb"
_COMMANDS = ("chats", "connect", "doctor", "reset", "status")
_DEFAULTS = (
    *("model", "endpoint", "system", "thinking", "thinking_budget", "schema_retries", "voice"),
    *("temperature", "top_p", "max_tokens", "stop", "seed", "timeout"),
)
"""Options that a trait of the same name may set for all cells."""


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
    timeout = Float(None, allow_none=True, help="Seconds without data before giving up.").tag(config=True)
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
    @argument("--thinking", action="store_true", default=None, help="let the model think first")
    @argument("--no-thinking", action="store_false", dest="thinking", help="answer without thinking")
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
    @argument("--confirm", action="store_true", default=None, help="be asked before each call of --tools")
    @argument("--tool-choice", metavar="NAME", help="auto, none, required, or the function that must be called")
    @argument("--schema", metavar="TYPE", help="type of the notebook that the answer must follow; reply.parsed is its value")
    @argument("--schema-retries", type=int, metavar="N", help="how often the model may correct an answer that does not follow it")
    @argument("--voice", metavar="NAME", help="let Qwen-Omni speak the answer, in a voice such as Cherry")
    @argument("-c", "--chat", metavar="NAME", help="go on with this conversation; running the cell again replaces its turn")
    @argument("--compare", metavar="A,B", help="ask these models at once, side by side")
    @argument("-b", "--background", action="store_true", help="return at once; the reply streams into this cell meanwhile")
    @argument("--raw", action="store_true", default=None, help="show the answer as it comes, not as Markdown")
    @argument("-q", "--quiet", action="store_true", help="show nothing; the reply is in qn.last, and in --out")
    @argument("--no-settle", action="store_false", dest="settle", default=None, help="keep the widget when the reply has ended")
    @argument("--no-fill", action="store_false", dest="fill", default=None, help="leave {name} in the prompt as it is")
    @argument("--to-cell", action="store_true", help="put the code of the answer into the next cell")
    @argument("--record", metavar="PATH", help="record the exchange in this file, for qn.replay")
    @argument("--timeout", type=float, metavar="S", help="seconds without data before giving up")
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
        try:
            given, rest = split_line(line, self._parser)
        except ConfigError as error:
            raise UsageError(str(error)) from None
        # In place of IPython's own, which would take any $ and { of a one-line prompt.
        filled = [(word, fill(word, self._names()).content) for word in given]
        options = self._parser.parse_args([text if isinstance(text, str) else word for word, text in filled])
        if options.help:
            print(type(self).qwen.__doc__)
            return None
        words = rest.split()
        if cell is None and words and words[0] in _COMMANDS and len(words) <= 2:
            return self._command(words[0], [str(fill(word, self._names()).content) for word in words[1:]], options)
        if cell is not None and rest:
            raise UsageError(f"%%qwen takes options on its first line and the prompt below it; {rest!r} is no option.")
        return self._ask(cell if cell is not None else rest, options)

    @property
    def _parser(self) -> MagicArgumentParser:
        return cast(MagicArgumentParser, self.qwen.parser)

    @context_matcher(identifier=_MATCHER, priority=1)
    def complete(self, context: CompletionContext) -> SimpleMatcherResult:
        """What may come next on a line of ours, and only that; nothing elsewhere."""
        line = context.text_until_cursor
        if not is_ours(line, is_first=not context.full_text.split("\n")[: context.cursor_line]):
            return cast(SimpleMatcherResult, {"completions": []})
        word, found = completions(line, self._parser, self._names(), self.chats, _COMMANDS)
        matching = [SimpleCompletion(each) for each in found if each.startswith(word)]
        result = {"completions": matching, "matched_fragment": word, "suppress": True, "ordered": True}
        return cast(SimpleMatcherResult, result)

    def _command(self, name: str, words: list[str], options: Namespace) -> Diagnosis | None:
        if name == "doctor":
            return doctor(words[0] if words else None, model=options.model or "")
        if name == "connect":
            if not words:
                raise UsageError(f"%qwen connect takes an address, auto, recorded, or one of: {', '.join(PROFILES)}.")
            # It imports an HTTP client, for looking around on this machine.
            from .connecting import connect

            print(f"From now on: {connect(words[0], model=options.model or '').title}.")
        elif name == "reset":
            self._reset(words)
        elif name == "chats":
            self._print_chats()
        else:
            print("\n".join(status()))
        return None

    def _ask(self, prompt: str, options: Namespace) -> Reply | Comparison | None:
        if not prompt.strip():
            raise UsageError("The prompt is empty: write below %%qwen what to ask.")
        if options.out and not options.out.isidentifier():
            raise UsageError(f"-o takes the name of a variable; {options.out!r} is none.")
        if options.background and (options.record or options.to_cell):
            raise UsageError("--record and --to-cell wait for the reply: leave out --background.")
        text = prompt.strip("\n")
        said = fill(text, self._names()) if _either(options.fill, self.fill) else text
        before = asking.last
        value: Reply | Comparison | None = None
        try:
            with _recorded(options.record):
                value = self._answer(said, options)
        finally:
            if options.out and asking.last is not before:
                self._names()[options.out] = asking.last if value is None else value
        if options.to_cell and isinstance(value, Reply):
            self._offer_code(value)
        return None if options.quiet else value

    def _answer(self, prompt: Text, options: Namespace) -> Reply | Comparison:
        try:
            chosen = self._chosen(options)
        except ConfigError as error:
            raise UsageError(str(error)) from None
        shown: dict[str, Any] = {
            "settle": _either(options.settle, self.settle),
            "raw": _either(options.raw, self.raw),
            "display": False if options.quiet else None,
        }
        if options.compare:
            if options.chat or options.background:
                raise UsageError("--compare asks once, and waits: leave out --chat and --background.")
            from .comparing import compare

            return compare(prompt, named.listed(options.compare), **shown, **chosen)
        if not options.chat:
            return ask(prompt, background=options.background, **shown, **chosen)
        if options.background:
            raise UsageError("A conversation waits for its replies: leave out --chat or --background.")
        if not self.cell:
            print("This front end does not say which cell runs, so each run adds a turn.")
        chat = self.chats.setdefault(options.chat, Chat())
        if "system" in chosen:
            chat.system = chosen.pop("system")
        return chat(prompt, cell=self.cell, deleted=self.deleted, **shown, **chosen)

    def _chosen(self, options: Namespace) -> dict[str, Any]:
        """The options of `ask`: those of the line, else those that are set for all cells."""
        chosen: dict[str, Any] = {}
        for name in _DEFAULTS:
            value = _either(getattr(options, name), getattr(self, name))
            if value not in (None, "", []):
                chosen[name] = value
        names = self._names()
        if "endpoint" in chosen:
            chosen["endpoint"] = named.server(chosen["endpoint"], names)
        if tools := _either(options.tools, self.tools):
            chosen["tools"] = named.functions(tools, names, confirm=_either(options.confirm, self.confirm))
        if options.tool_choice:
            chosen["tool_choice"] = named.tool_choice(options.tool_choice)
        if options.schema:
            chosen["schema"] = named.schema(options.schema, names)
        for medium in ("images", "audio", "video"):
            if given := getattr(options, medium):
                chosen[medium] = named.media(given, names)
        return chosen

    def _offer_code(self, reply: Reply) -> None:
        """Put the code of the answer into the next cell."""
        code = code_of(reply.text)
        if code:
            cast(InteractiveShell, self.shell).set_next_input(code)
        else:
            print("There is no Python code in the answer, so no cell was added.")

    def _names(self) -> dict[str, Any]:
        """The notebook's variables."""
        names: dict[str, Any] = cast(InteractiveShell, self.shell).user_ns
        return names

    def _note_cell(self, info: object) -> None:
        """Before each cell: which it is, and which have been deleted. A front end says so in the metadata of its request."""
        kernel = getattr(self.shell, "kernel", None)
        metadata = kernel.get_parent().get("metadata", {}) if kernel else {}
        self.cell = str(metadata.get("cellId") or getattr(info, "cell_id", None) or "")
        self.deleted |= set(metadata.get("deletedCells") or ())

    def _reset(self, words: list[str]) -> None:
        if not words or words[0] not in self.chats:
            raise UsageError(f"%qwen reset takes the name of a conversation: {', '.join(self.chats) or 'there is none'}.")
        self.chats.pop(words[0])
        print(f"Forgotten: {words[0]}.")

    def _print_chats(self) -> None:
        if not self.chats:
            print("No conversations. %%qwen --chat NAME begins one.")
        for name, chat in self.chats.items():
            print(f"{name}: {len(chat)} turns")
            for turn in chat.turns:
                print(f"  {'stale' if turn.is_stale else '     '}  {' '.join(turn.prompt.split())[:70]}")


def _either(given: Any, default: Any) -> Any:
    """`given`, unless it was not."""
    return default if given is None else given


def _recorded(path: str | None) -> AbstractContextManager[object]:
    if not path:
        return nullcontext()
    # It imports openai.
    from .connection import record

    return record(path)
