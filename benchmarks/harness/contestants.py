"""Those who read the stream, each as its own documentation says, in cells of a notebook.

`set_up` is run once in a kernel, `ask` for each reply; that cell ends when the reply has. To the prompt `Warm up.` the server
gives a short reply.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Contestant:
    """One way to show a reply in a notebook."""

    name: str
    set_up: str
    ask: str
    kernel: str = "python3"
    """The kernelspec: some need an older `openai`."""

    def prepared(self, url: str) -> str:
        """`set_up` for the server at `url`, without `/v1`."""
        return self.set_up.replace("{url}", url)

    @property
    def warm_up(self) -> str:
        """Have everything loaded and connected."""
        return self.ask.replace("Go", "Warm up")


OURS = Contestant(
    "qwen_nb",
    """
%load_ext qwen_nb
import qwen_nb as qn
qn.connect("{url}/v1", model="m")
""",
    "%%qwen\nGo.",
)
CLIENT = """
import openai
client = openai.OpenAI(base_url="{url}/v1", api_key="none")
def question(prompt):
    return {"model": "m", "messages": [{"role": "user", "content": prompt}], "stream": True}
"""
BARE = Contestant(
    "bare openai loop, no display",
    CLIENT,
    """
count = 0
for chunk in client.chat.completions.create(**question("Go.")):
    if chunk.choices and chunk.choices[0].delta.content:
        count += 1
""",
)
DISPLAY = Contestant(
    "openai + update_display",
    f"from IPython.display import Markdown, display\n{CLIENT}",
    """
text, shown = "", display(Markdown(""), display_id=True)
for chunk in client.chat.completions.create(**question("Go.")):
    text += chunk.choices[0].delta.content or ""
    shown.update(Markdown(text))
""",
)
CHATLAS = Contestant(
    "chatlas",
    """
from chatlas import ChatOpenAICompletions
chat = ChatOpenAICompletions(base_url="{url}/v1", model="m", api_key="none")
""",
    'chat.chat("Go.");',
)
CHATLAB = Contestant(
    "chatlab",
    """
from chatlab import Chat
chat = Chat(base_url="{url}/v1", api_key="none", model="m")
""",
    'await chat("Go.");',
    kernel="openai-1",
)
PANEL = Contestant(
    "panel",
    f"""
import asyncio
import panel as pn
{CLIENT.replace("openai.OpenAI", "openai.AsyncOpenAI")}
pn.extension(inline=True)  # else its page loads code from the internet
async def callback(contents, user, instance):
    message = ""
    async for chunk in await client.chat.completions.create(**question(contents)):
        message += chunk.choices[0].delta.content or ""
        yield message
    ended.set()
chat = pn.chat.ChatInterface(callback=callback)
chat
""",
    """
ended = asyncio.Event()
chat.send("Go.")
await ended.wait()
""",
)
IPYLANGCHAT = Contestant(
    "ipylangchat",
    """
import ipylangchat
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnablePassthrough
from langchain_openai import ChatOpenAI
model = ChatOpenAI(model="m", base_url="{url}/v1", api_key="none")
prompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("chat_history"), ("human", "{input}")])
asked = 0
widget = ipylangchat.ChatUIWidget(RunnablePassthrough.assign(answer=prompt | model | StrOutputParser()))
widget
""",
    """
asked += 1
widget.user_msg = f"Go {asked}."
""",
    kernel="openai-1",
)
MAGICS = Contestant(
    "jupyter-ai-magics",
    """
%env OPENAI_API_KEY=none
%env OPENAI_API_BASE={url}/v1
%load_ext jupyter_ai_magics
""",
    "%%ai openai-chat-custom:m\nGo.",
    kernel="openai-1",
)
PEERS = (DISPLAY, CHATLAS, CHATLAB, PANEL, IPYLANGCHAT, MAGICS)
