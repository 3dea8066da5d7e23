"""What spoiled requests are spoiled with: odd values, addresses, methods and types of content."""

PATHS = (
    *("/", "/health", "/_dash-layout", "/_dash-dependencies", "/_favicon.ico", "/_reload-hash"),
    *(
        "/assets/page/page.css",
        "/assets/../app.py",
        "/assets/%2e%2e/app.py",
        "/assets/%00",
        "/alive",
    ),
    *("/_dash-component-suites/dash/dcc/dash_core_components.js", "/_dash-config", "/%ff%fe"),
    *("/_dash-component-suites/dash/../../app.py", "/_dash-component-suites/nothing/at/all.js"),
    *("/_dash-component-suites/os/path.js", "/_dash-update-component/", "/?token=%00", "//x/y"),
    *("/_mcp", "/_dash-update-component?x=%ff", "/" + "a" * 5000),
)
METHODS = ("GET", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD", "TRACE")
TYPES = (
    *("text/plain", "", "application/x-www-form-urlencoded", "application/xml"),
    *(
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/jsonp",
    ),
    *("multipart/form-data; boundary=x", "application/vnd.api+json", "APPLICATION/JSON"),
)
NUMBERS = (
    *(0, -1, 1, 2, 3, 7, 11, 99, 500, 501, 9_999, 10_000, 2**31 - 1, 2**31, 2**63 - 1, -(2**63)),
    *(10**18, 0.5, -0.0, 1e-300, 1e308, -1e308, 2**53 + 1, 1.0, 3.7),
)
WORDS = (
    *("", " ", "0", "1", "-1", "1e9", "nan", "NaN", "inf", "null", "undefined", "true", "None"),
    *(
        "no",
        "L0H0",
        "L99H99",
        "L0",
        "H",
        "attention",
        "pca",
        "umap",
        "zero",
        "mean",
        "none",
        "norm",
    ),
    *("painted", "query", "key", "light", "file", "rules", "→", "a→b", "0-0", "1-2-3", "9" * 5000),
    *(
        "<script>alert(1)</script>",
        "{{7*7}}",
        "%s%n",
        "'; DROP TABLE Cache; --",
        "\x00",
        "\n",
        "\t",
    ),
    *("\u202e\u2066", "é" * 30, "𝔘𝔫𝔦", "😀" * 50, "ﬀ", "\ufeff", "٣", "²", "a" * 100_000),
    *("data:;base64,", "data:text/plain;base64,!!!!", "data:text/plain;base64,AAA", "AAAA"),
    *("data:text/plain;base64,/////w==", "data:text/csv;base64,cGFzc2FnZSxwb3NpdGlvbixsYWJlbAo="),
    *("name = (", "x = .*", "= y", "a = [", "gpt2", "owner/name", "//host/share", "file:///etc"),
    *("demo-bert", "minilm", "own-" + "0" * 24, "prose", "0" * 24, "0" * 24 + "-1", "f" * 25),
)
SHAPES = (
    None, True, False, [], {}, [[]], [None], {"": None}, {"key": None}, {"run": {}}, [0] * 1000,
    {"__proto__": {}}, {"key": {"key": {"key": {}}}}, [[0, 0, 0]] * 50, ["a", 1],
    {"a": [1, {"b": 2}]},
)  # fmt: skip
