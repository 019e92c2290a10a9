"""What the tiny model knows for the tutorials in `notebooks/`. The conversations are those that the notebooks' cells lead to."""

from __future__ import annotations

import json
from typing import Any

from tools.engine.turn import Turn, called, function, said, told, user

BOOKS: list[dict[str, Any]] = [
    {"title": "Dream of the Red Chamber", "year": 1791, "lent": 412},
    {"title": "Don Quixote", "year": 1605, "lent": 377},
    {"title": "Jane Eyre", "year": 1847, "lent": 350},
]
MOST_LENT = function("most_lent", "The books that were lent most.", count={"type": "integer"})
RUN_PYTHON = function("run_python", "Run a Python program and return what it prints.", code={"type": "string"})
CODE = "a, b = 0, 1\nfor _ in range(50):\n    a, b = b, a + b\nprint(a)"
UNANSWERED = "run_python was not run. It needs the user's approval, and nobody is here to give it."
REFUSED = "run_python was not run. The user said no."

SHEEP = user("A farmer has 17 sheep. All but 9 run away. How many sheep are left?")
PRIME = user("Is 221 a prime number?")
LIBRARY = user("Which three books are lent most in our library, and how old are they on average?")
FIBONACCI = user("What is the 50th Fibonacci number? Use Python.")
TRIP = user("I have two days in Hangzhou in April. What should I not miss?")
RAIN = user("And if it rains?")
TABLE = user("Put both plans into one table.")
BRIEF = {"role": "system", "content": "Answer in one sentence."}
MONAD = user("What is a monad?")
PYTHON = user("And what in Python is most like it?")
FRENCH = user("The same in French, please.")

MOST_LENT_ROUND = (LIBRARY, called("most_lent", {"count": 3}), told(json.dumps(BOOKS)))
FIBONACCI_CALL = (FIBONACCI, called("run_python", {"code": CODE}))

TUTORIAL_TURNS = (
    Turn("sheep", (SHEEP,)),
    Turn("sheep_direct", (SHEEP,), thinking=False),
    Turn("prime", (PRIME,)),
    Turn("library_calls", (LIBRARY,), tools=(MOST_LENT,)),
    Turn("library_answer", MOST_LENT_ROUND, tools=(MOST_LENT,)),
    Turn("fibonacci_calls", (FIBONACCI,), tools=(RUN_PYTHON,)),
    Turn("fibonacci_answer", (*FIBONACCI_CALL, told("12586269025\n")), tools=(RUN_PYTHON,)),
    Turn("fibonacci_refused", (*FIBONACCI_CALL, told(UNANSWERED)), tools=(RUN_PYTHON,)),
    Turn("fibonacci_refused", (*FIBONACCI_CALL, told(REFUSED)), tools=(RUN_PYTHON,)),
    Turn("trip_plan", (TRIP,)),
    Turn("trip_rain", (TRIP, said("trip_plan"), RAIN)),
    Turn("trip_table", (TRIP, said("trip_plan"), RAIN, said("trip_rain"), TABLE)),
    Turn("monad", (BRIEF, MONAD)),
    Turn("monad_python", (BRIEF, MONAD, said("monad"), PYTHON)),
    Turn("monad_french", (BRIEF, MONAD, said("monad"), FRENCH)),
)
