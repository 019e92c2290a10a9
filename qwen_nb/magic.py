"""`%%qwen` and `%qwen`: parse, call one public function, return its value. The only file that imports IPython.core."""

from __future__ import annotations

import shlex
from argparse import Namespace
from typing import Any, cast

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments
from traitlets import Bool

from . import asking, endpoint
from .api import ask
from .chat import Chat
from .diagnosis import Diagnosis, doctor
from .learned import kind_of, lesson
from .profiles import PROFILES
from .reply import Reply
from .tools import asking_first

_COMMANDS = ("chats", "connect", "doctor", "reset", "status")
_ASKED = (
    *("model", "endpoint", "system", "thinking", "thinking_budget"),
    *("temperature", "top_p", "max_tokens", "stop", "seed", "timeout"),
)


@magics_class
class QwenMagics(Magics):
    """The magics of `%load_ext qwen_nb`."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.chats: dict[str, Chat] = {}
        """The conversations of `--chat`, by name."""
        self.cell = ""
        """The id of the cell that runs, `""` if the front end does not say."""
        self.deleted: set[str] = set()
        """Ids of cells that are gone."""
        shell.events.register("pre_run_cell", self._note_cell)

    settle = Bool(True, help="Whether a reply becomes plain notebook output when it has ended.").tag(config=True)

    @magic_arguments()
    @argument("-o", "--out", metavar="NAME", help="variable that gets the reply, also when it is cut off")
    @argument("-m", "--model", help="model to ask")
    @argument("-e", "--endpoint", help="server to ask: a name such as vllm, or an address")
    @argument("-s", "--system", metavar="TEXT", help="system message")
    @argument("--thinking", action="store_true", default=None, help="let the model think first")
    @argument("--no-thinking", action="store_false", dest="thinking", help="answer without thinking")
    @argument("--thinking-budget", type=int, metavar="N", help="most tokens of thinking")
    @argument("--temperature", type=float, metavar="T")
    @argument("--top-p", type=float, metavar="P")
    @argument("--max-tokens", type=int, metavar="N", help="most tokens of the answer")
    @argument("--stop", action="append", default=[], metavar="TEXT", help="end the answer before this text; may be repeated")
    @argument("--seed", type=int, metavar="N")
    @argument("-t", "--tools", metavar="F,G", help="functions of the notebook that the model may call")
    @argument("--confirm", action="store_true", help="be asked before each call of --tools")
    @argument(
        "-c", "--chat", metavar="NAME", help="go on with the conversation of this name; running the cell again replaces its turn"
    )
    @argument("-b", "--background", action="store_true", help="return at once; the reply streams into this cell meanwhile")
    @argument("--timeout", type=float, metavar="S", help="seconds without data before giving up")
    @argument(
        "words",
        nargs="*",
        metavar="…",
        help="in a line magic: a prompt, or: status | connect SERVER | doctor [SERVER] | chats | reset NAME",
    )
    @line_cell_magic
    def qwen(self, line: str, cell: str | None = None) -> Reply | Diagnosis | None:
        """Ask a Qwen model; the reply streams into the cell.

        `%%qwen` asks what the cell says. `%qwen PROMPT` asks in one line. `%qwen status` shows which server is asked and why;
        `%qwen connect vllm` (or an address, or auto) asks another one from now on; `%qwen doctor` examines it. `%qwen chats` lists
        conversations, `%qwen reset NAME` forgets one.
        """
        options = self._parse(line)
        words: list[str] = options.words
        if cell is None and words and words[0] in _COMMANDS and len(words) <= 2:
            return self._command(words[0], words[1:], options)
        if cell is not None and words:
            raise UsageError(f"%%qwen takes options on its first line and the prompt below it; {' '.join(words)!r} is no option.")
        return self._ask(cell if cell is not None else " ".join(words), options)

    def _parse(self, line: str) -> Namespace:
        try:
            arguments = shlex.split(line)
        except ValueError:
            # An apostrophe in a one-line prompt is no quotation mark.
            arguments = line.split()
        parser = cast(MagicArgumentParser, self.qwen.parser)
        return parser.parse_args(arguments)

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
            _print_status()
        return None

    def _ask(self, prompt: str, options: Namespace) -> Reply:
        if not prompt.strip():
            raise UsageError("The prompt is empty: write below %%qwen what to ask.")
        if options.out and not options.out.isidentifier():
            raise UsageError(f"-o takes the name of a variable; {options.out!r} is none.")
        before = asking.last
        try:
            return self._answer(prompt.strip("\n"), options)
        finally:
            if options.out and asking.last is not before:
                self._names()[options.out] = asking.last

    def _answer(self, prompt: str, options: Namespace) -> Reply:
        chosen: dict[str, Any] = {name: getattr(options, name) for name in _ASKED}
        if options.tools:
            chosen["tools"] = self._tools(options.tools, options.confirm)
        if not options.chat:
            return ask(prompt, settle=self.settle, background=options.background, **chosen)
        if options.background:
            raise UsageError("A conversation waits for its replies: leave out --chat or --background.")
        if not self.cell:
            print("This front end does not say which cell runs, so each run adds a turn.")
        chat = self.chats.setdefault(options.chat, Chat())
        given = {name: value for name, value in chosen.items() if value not in (None, [])}
        if "system" in given:
            chat.system = given.pop("system")
        return chat(prompt, settle=self.settle, cell=self.cell, deleted=self.deleted, **given)

    def _tools(self, names: str, confirm: bool) -> list[Any]:
        """The functions of the notebook with these names."""
        found = []
        for name in filter(None, (name.strip() for name in names.split(","))):
            if not callable(self._names().get(name)):
                raise UsageError(f"--tools takes functions of this notebook; there is no function {name!r}.")
            function = self._names()[name]
            found.append(asking_first(function) if confirm else function)
        return found

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


def _print_status() -> None:
    """Which server is asked, in which dialect, and where that was found. Never a key."""
    chosen = endpoint.current()
    kind, known = kind_of(chosen), lesson(chosen)
    print(f"Asking {chosen.title}: {'no model is running' if chosen.is_recorded else chosen.address}")
    print(f"  model     {chosen.model or kind.default_model or known.model or 'the first that the server lists'}")
    print(f"  protocol  {chosen.speaks}")
    print(f"  dialect   {kind.name} ({_why(chosen)}); thinking is said by {kind.thinking}")
    if known.refused:
        print(f"  left out  {', '.join(sorted(known.refused))}: the server refuses them")
    print(f"  key       {'set' if chosen.api_key else 'none'}")
    print("Looked for, in this order (endpoint= comes before them all):")
    for source in endpoint.sources():
        mark = "→" if source.endpoint == chosen else " "
        print(f"  {mark} {source.name}: {source.endpoint.title if source.endpoint else 'not set'}")


def _why(chosen: endpoint.Endpoint) -> str:
    if chosen.profile:
        return "as named"
    return "as its list of models says" if lesson(chosen).profile else "guessed by its address"
