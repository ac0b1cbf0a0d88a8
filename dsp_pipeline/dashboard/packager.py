"""One file out of many: templates, styles, scripts, data and Plotly, with a policy that lets nothing else in.

The page carries a Content-Security-Policy that allows just the scripts in it, by their SHA-256, and no request to
anywhere. Styles may be inline, because Plotly makes some while it draws; without requests a style can carry
nothing out. Plotly and the rows travel deflated, as base64; the browser inflates them.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import importlib.util
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from dsp_pipeline.core.numbers import PLAIN, NumberFormat
from dsp_pipeline.dashboard.wording import visible, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.dashboard.palette import Themes

_HERE = Path(__file__).parent
_LEVEL = 9


@functools.cache
def environment() -> jinja2.Environment:
    """Templates from `templates/`: all is escaped, controls are made visible, a missing name is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    made.globals["whole"] = whole
    return made


def _visible(value: object) -> object:
    """Plain text with its hidden controls shown; markup (made by our own macros) and all else as it is."""
    return visible(value) if type(value) is str else value


def packed(data: bytes) -> str:
    """Deflated, as base64: safe inside a script element, and what `scripts/unpack.js` reads."""
    return spelt(zlib.compress(data, _LEVEL))


def spelt(data: bytes) -> str:
    """Bytes as base64."""
    return base64.b64encode(data).decode()


def script(name: str) -> str:
    """The text of one of the page's own scripts."""
    return (_HERE / "scripts" / name).read_text(encoding="utf-8")


def plotly_source() -> bytes:
    """Plotly's JavaScript, from the Python package's data; the package is found, not imported.

    Raises:
        ModuleNotFoundError: The package is not installed.
    """
    spec = importlib.util.find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "plotly is not installed; its package holds the JavaScript that draws the charts"
        )
    return (Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js").read_bytes()


@dataclasses.dataclass(frozen=True)
class Looks:
    """What a page looks like and does: its themes, stylesheets and scripts by file name.

    ``carried`` are further scripts that the page itself adds after inflating them; the policy allows them too.
    ``workers`` allows workers that the page makes from text of its own; what made them binds them as well.
    ``numbers`` says how the page writes its numbers.
    ``installable`` allows a manifest, its icons and a service worker from where the page lies.
    """

    themes: Themes
    styles: Sequence[str]
    scripts: Sequence[str]
    carried: Sequence[bytes] = ()
    workers: bool = False
    numbers: NumberFormat = PLAIN
    installable: bool = False


def render(template: str, looks: Looks, values: Mapping[str, object]) -> bytes:
    """The whole page. Each of ``values`` is escaped by the template unless it is `Markup`."""
    head_script = script("theme.js")
    scripts = [script(name) for name in (*looks.scripts, *(("install.js",) if looks.installable else ()))]
    allowed = [text.encode() for text in (head_script, *scripts)] + list(looks.carried)
    page = (
        environment()
        .get_template(template)
        .render(
            **values,
            separators="" if looks.numbers == PLAIN else looks.numbers.point + looks.numbers.group,
            csp=Markup(_policy(allowed, looks)),  # noqa: S704 - base64 and fixed words
            head_script=Markup(head_script),  # noqa: S704 - our own file
            style=Markup(_style(looks)),  # noqa: S704 - our own files and colours that were parsed
            scripts=[Markup(text) for text in scripts],  # noqa: S704 - our own files
        )
    )
    return looks.numbers.shown(page).encode()


def _policy(scripts: Sequence[bytes], looks: Looks) -> str:
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'" for text in scripts)
    workers = " ".join((*(["blob:"] if looks.workers else []), *(["'self'"] if looks.installable else [])))
    images = "data: blob: 'self'" if looks.installable else "data: blob:"
    manifest = "manifest-src 'self'; " if looks.installable else ""
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src {images}; "
        f"{f'worker-src {workers}; ' if workers else ''}"
        f"{manifest}"
        "base-uri 'none'; form-action 'none'"
    )


def _style(looks: Looks) -> str:
    light, dark = dataclasses.asdict(looks.themes.light), dataclasses.asdict(looks.themes.dark)
    tokens = environment().get_template("themes/tokens.css").render(light=light, dark=dark)
    sheets = [(_HERE / "templates" / "themes" / name).read_text(encoding="utf-8") for name in looks.styles]
    return "".join((tokens, *sheets))
