"""Text that attackers put into cells, headers, file names and sidecars.

Classes after OWASP's XSS filter evasion cheat sheet; each payload that runs calls ``alert(1)`` or sets
``window.pwned``, both of which the browser tests notice.
"""

from __future__ import annotations

import polars as pl

SCRIPTS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!--<script>alert(1)</script>-->",
    "--><script>window.pwned=1</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "javascript:alert(1)",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "{{7*7}}{% raw %}",
    "${alert(1)}",
    "`${alert(1)}`",
    "';alert(1)//",
    '\\";alert(1)//',
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "]]><script>alert(1)</script>",
    "url(javascript:alert(1))",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<base href='https://example.invalid/'>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
    "<link rel=stylesheet href=https://example.invalid/x.css>",
    "<form action=https://example.invalid/><input type=submit>",
    "<b>bold</b><br><a href='https://example.invalid/'>plotly's own HTML</a>",
    "%{x}%{customdata}<extra>extra</extra>",
    "$\\frac{1}{2}$",
)
CONTROLS = (
    "\u202eevil\u202c",
    "\u2066isolated\u2069",
    "line\u2028separator\u2029paragraph",
    "nul\x00byte",
    "escape\x1b[31mred",
    "zero\u200bwidth",
    "\ufeffmark",
)
NAMES = (
    "__proto__",
    "constructor",
    "length",
    "toString",
    "hasOwnProperty",
    "",
    " ",
    "prototype",
    "__line__",
    "then",
)
FORMULAS = ('=HYPERLINK("https://example.invalid","x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1")
ALL = (*SCRIPTS, *CONTROLS, *NAMES, *FORMULAS)


def table(rows: int = 120) -> pl.DataFrame:
    """A table whose headers and cells are all of the above, with some numbers to draw."""
    texts = [ALL[place % len(ALL)] for place in range(rows)]
    numbers = [float(place % 17) for place in range(rows)]
    columns: dict[str, pl.Series] = {"number": pl.Series(numbers), "text": pl.Series(texts)}
    for place, name in enumerate((*SCRIPTS, *CONTROLS, *NAMES)):
        shifted = [ALL[(row * 7 + place) % 9] for row in range(rows)]
        columns[name] = pl.Series(numbers[::-1]) if place % 3 == 0 else pl.Series(shifted)
    columns["huge"] = pl.Series(["<script>alert(1)</script>" * 40_000, *texts[1:]])
    return pl.DataFrame(columns)
