"""The colours of both themes, made from at most one choice of the owner's: the accent.

Charts are built once, with the colours of `CANONICAL`; the page's script swaps each of them for the shown theme's
colour of the same name. That needs every canonical colour to be unique, which a test holds.
Contrast is WCAG 2.2's ratio of relative luminances: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

from __future__ import annotations

import colorsys
import dataclasses

MIN_CONTRAST = 4.5
_STEP = 0.02


@dataclasses.dataclass(frozen=True)
class Palette:
    """One theme's colours by role, each as ``#rrggbb``.

    ``fill`` is the accent for large areas, ``soft`` a ground for it;
    ``second`` to ``fifth`` tell series apart; ``low``, ``middle`` and ``high`` are a
    diverging scale; ``cell`` and ``cell_low`` are the ends of scales on which ``ink`` is written.
    """

    page: str
    surface: str
    sunken: str
    line: str
    ink: str
    muted: str
    accent: str
    fill: str
    soft: str
    on_accent: str
    good: str
    warn: str
    bad: str
    second: str
    third: str
    fourth: str
    fifth: str
    cell: str
    cell_low: str
    low: str
    middle: str
    high: str


@dataclasses.dataclass(frozen=True)
class Themes:
    """The two themes of one page."""

    light: Palette
    dark: Palette

    def swaps(self) -> dict[str, tuple[str, str]]:
        """For each canonical colour, what stands for it in the light and in the dark theme."""
        light, dark = dataclasses.asdict(self.light), dataclasses.asdict(self.dark)
        return {colour: (light[role], dark[role]) for role, colour in dataclasses.asdict(CANONICAL).items()}


CANONICAL = Palette(
    page="#f5f6f8",
    surface="#ffffff",
    sunken="#eef1f5",
    line="#dde2e9",
    ink="#17212e",
    muted="#576375",
    accent="#2563c9",
    fill="#2b66c6",
    soft="#e5edf9",
    on_accent="#fffffe",
    good="#16734b",
    warn="#8a5a00",
    bad="#b3261e",
    second="#c4560a",
    third="#0b7a75",
    fourth="#7c4fc4",
    fifth="#a8326e",
    cell="#8fb2ec",
    cell_low="#e9a973",
    low="#b45309",
    middle="#f3f4f6",
    high="#1d5fbf",
)

_DARK = Palette(
    page="#0e131a",
    surface="#161d27",
    sunken="#1e2733",
    line="#2b3644",
    ink="#e7ecf3",
    muted="#9dabbc",
    accent="#7db0ff",
    fill="#5b90e0",
    soft="#1c2f4d",
    on_accent="#0e131a",
    good="#5fce9b",
    warn="#e5b454",
    bad="#ff8f85",
    second="#f0924c",
    third="#4cc3bb",
    fourth="#b794f4",
    fifth="#f08ab8",
    cell="#2d5aa5",
    cell_low="#94501b",
    low="#f0924d",
    middle="#242e3b",
    high="#6ea8ff",
)


def themes(accent: str | None = None) -> Themes:
    """Both themes; the accent is made lighter or darker until it can be read as text on the theme's surface."""
    if accent is None:
        return Themes(light=CANONICAL, dark=_DARK)
    return Themes(light=_with_accent(CANONICAL, accent), dark=_with_accent(_DARK, accent))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, between 1 and 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """``share`` of the one colour over the other, channel by channel."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return _hex(*(share * a + (1 - share) * b for a, b in pairs))


def _with_accent(palette: Palette, accent: str) -> Palette:
    readable = _readable(accent, palette)
    white, black = "#ffffff", "#0e131a"
    return dataclasses.replace(
        palette,
        accent=readable,
        high=readable,
        fill=mixed(readable, palette.surface, 0.92),
        cell=_cell(readable, palette),
        soft=mixed(readable, palette.surface, 0.14),
        on_accent=max(white, black, key=lambda text: contrast(text, readable)),
    )


def _cell(accent: str, palette: Palette) -> str:
    """As much of the accent over the surface as leaves ink readable on it."""
    share = 0.5
    while contrast(palette.ink, mixed(accent, palette.surface, share)) < MIN_CONTRAST:
        share -= _STEP
    return mixed(accent, palette.surface, share)


def _readable(colour: str, palette: Palette) -> str:
    """The colour of the same hue that is nearest in lightness and readable on surface, page and soft ground."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    step = -_STEP if _luminance(palette.surface) > 0.5 else _STEP  # noqa: PLR2004 - the middle of 0 to 1
    while True:
        candidate = _hex(*colorsys.hls_to_rgb(hue, lightness, saturation))
        grounds = (palette.surface, palette.page, palette.sunken, mixed(candidate, palette.surface, 0.14))
        if all(contrast(candidate, ground) >= MIN_CONTRAST for ground in grounds):
            return candidate
        lightness = min(1.0, max(0.0, lightness + step))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _hex(*channels: float) -> str:
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
