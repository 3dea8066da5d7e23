"""What a visitor gets, for every kind of visitor and path; a small app stands for the page."""

import base64
import hashlib
import re

import pytest
from dash import Dash, Input, Output, dcc, html
from visitor import asking
from werkzeug.test import Client, EnvironBuilder, TestResponse

from components.gate import door, limits, tokens, visits
from components.gate.settings import Settings

TOKEN = "this-is-a-token-for-tests"
BASE = "http://127.0.0.1:8050"
BROWSER = {"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def page(settings: Settings) -> Dash:
    app = Dash("page", health_endpoint="health")
    app.layout = [dcc.Input(id="in"), html.Div(id="out"), html.Div(id="own")]
    app.callback(Output("out", "children"), Input("in", "value"))(lambda value: value)
    app.clientside_callback("x => x", Output("own", "children"), Input("in", "value"))

    @app.server.route("/fails")
    def fails() -> None:
        raise ValueError

    door.guard(app, settings)
    return app


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(port=8050, token=TOKEN)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Dash:
    return page(settings)


@pytest.fixture
def stranger(app: Dash) -> Client:
    return Client(app.server)


@pytest.fixture
def visitor(app: Dash) -> Client:
    client = Client(app.server)
    get(client, f"/?token={TOKEN}")
    return client


def get(client: Client, path: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open(path, base_url=BASE, headers=BROWSER | named)


def post(client: Client, path: str = "/_dash-update-component", **more: object) -> TestResponse:
    body = asking("out.children", {"in.value": "said"})
    return client.post(path, **{"base_url": BASE, "json": body} | more)


def goes_to(answer: TestResponse) -> str:
    refresh = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', answer.text)[1]
    assert f'href="{refresh}"' in answer.text
    return refresh


# The token


@pytest.mark.parametrize(
    "path", ["/", "/?model=x", "/_dash-layout", "/assets/x.js", "/health/", "/nothing", "/health?x"]
)
def test_a_stranger_gets_nothing_but_health(stranger: Client, path: str) -> None:
    answer = get(stranger, path)
    if path.startswith("/health?"):
        assert answer.status_code == 200
    else:
        assert answer.status_code == 403
        assert "does not know this browser" in answer.text and "terminal" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_script_gets_a_sentence(stranger: Client) -> None:
    answer = post(stranger)
    assert answer.status_code == 403
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith("Headscope does not know this browser.")


def test_health_says_whether_one_is_known(stranger: Client, visitor: Client) -> None:
    assert get(stranger, "/health").headers["Headscope-Knows-You"] == "no"
    known = get(visitor, "/health")
    assert known.status_code == 200 and "Headscope-Knows-You" not in known.headers


def test_the_token_becomes_a_cookie(stranger: Client) -> None:
    answer = get(stranger, f"/?token={TOKEN}&model=a%2Fb&find=%C3%A9+x&empty=&stage=lab")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert goes_to(answer) == "/?model=a%2Fb&amp;find=%C3%A9+x&amp;empty=&amp;stage=lab"
    assert TOKEN not in answer.text
    cookie = answer.headers["Set-Cookie"]
    name, _, value = cookie.partition(";")[0].partition("=")
    assert name == "headscope-8050" and TOKEN not in value and len(value) == 64
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=31536000"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert get(stranger, "/").status_code == 200  # the client kept it
    assert post(stranger).json["response"]["out"]["children"] == "said"


@pytest.mark.parametrize("wrong", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "%ff%fe"])
def test_a_wrong_token(stranger: Client, wrong: str) -> None:
    answer = get(stranger, f"/?token={wrong}")
    assert answer.status_code == 403 and "Set-Cookie" not in answer.headers
    assert "token=" not in re.findall(r'href="([^"]*)"', answer.text)[0]


def test_a_wrong_token_of_one_who_is_known(visitor: Client) -> None:
    answer = get(visitor, "/?token=an-old-one&model=x")
    assert goes_to(answer) == "/?model=x" and "Set-Cookie" not in answer.headers


def test_the_selected_token_of_a_view_is_no_secret(stranger: Client, visitor: Client) -> None:
    assert "refresh" not in get(visitor, "/?model=x&token=20").text
    assert 'href="/?token=20&amp;x=1"' in get(stranger, "/?token=20&x=1").text
    answer = get(stranger, f"/?token={TOKEN}&model=x&token=20")
    assert goes_to(answer) == "/?model=x&amp;token=20" and "Set-Cookie" in answer.headers


@pytest.mark.parametrize("how", ["other port", "other token", "token itself", "nothing"])
def test_wrong_cookies(app: Dash, how: str) -> None:
    value = {
        "other port": tokens.cookie_value(TOKEN, 8051),
        "other token": tokens.cookie_value(TOKEN + "x", 8050),
        "token itself": TOKEN,
        "nothing": "",
    }[how]
    client = Client(app.server)
    client.set_cookie("headscope-8050", value, domain="127.0.0.1")
    assert get(client, "/").status_code == 403


def test_the_token_counts_in_an_address_alone(stranger: Client) -> None:
    assert post(stranger, f"/_dash-update-component?token={TOKEN}").status_code == 403
    assert post(stranger, f"/?token={TOKEN}").status_code == 403
    assert get(stranger, f"/_dash-layout?token={TOKEN}").status_code == 403


def test_a_code_works_once(stranger: Client, app: Dash, settings: Settings) -> None:
    code = settings.once.new()
    answer = get(stranger, f"/?once={code}&model=x")
    assert goes_to(answer) == "/?model=x" and "headscope-8050" in answer.headers["Set-Cookie"]
    assert get(stranger, "/").status_code == 200
    other = Client(app.server)
    assert get(other, f"/?once={code}").status_code == 403
    assert get(other, "/").status_code == 403


def test_the_link_of_the_page_for_strangers(stranger: Client) -> None:
    def link(path: str, **headers: str) -> str:
        return re.search(r'<a href="([^"]*)">Go on</a>', get(stranger, path, **headers).text)[1]

    assert link("/?model=a/b&x=<b>", Sec_Fetch_Site="cross-site") == ("/?model=a/b&amp;x=%3Cb%3E")
    assert link("/%5Cevil.example") == "/%5Cevil.example"
    for path in ("//evil.example/x", "///evil.example/x"):
        asked = EnvironBuilder(environ_overrides={"PATH_INFO": path, "QUERY_STRING": "y=1"})
        assert visits.clean_address(asked.get_request()) == "/evil.example/x?y=1"
    assert link('/"><script>alert(1)</script>') == "/%22%3E%3Cscript%3Ealert%281%29%3C/script%3E"
    followed = get(stranger, "/?model=x", Sec_Fetch_Site="same-origin")  # and still no cookie
    assert followed.status_code == 403 and "Go on" not in followed.text


def test_without_a_token_everybody_here_is_let_in() -> None:
    client = Client(page(Settings(token=None)).server)
    assert get(client, "/").status_code == 200
    assert "Headscope-Knows-You" not in get(client, "/health").headers
    assert goes_to(get(client, "/?token=of-another-day&model=x")) == "/?model=x"
    assert get(client, "/", Host="evil.example").status_code == 403


def test_a_wrong_cookie_beside_the_right_one_shuts_nobody_out(app: Dash) -> None:
    client = Client(app.server, use_cookies=False)  # sends the header as it is given
    right = f"headscope-8050={tokens.cookie_value(TOKEN, 8050)}"
    for sent in (f"headscope-8050=x; {right}", f"{right}; headscope-8050=x"):
        assert get(client, "/", Cookie=sent).status_code == 200
    assert get(client, "/", Cookie="headscope-8050=x; headscope-8050=y").status_code == 403


# Who is refused whatever cookie there is


@pytest.mark.parametrize("path", ["/", "/health", "/_dash-layout", f"/?token={TOKEN}", "/assets/x"])
def test_a_foreign_host(visitor: Client, path: str) -> None:
    answer = get(visitor, path, Host="evil.example:8050")
    assert answer.status_code == 403 and "Set-Cookie" not in answer.headers
    assert "evil.example is none of them" in answer.text and "--allow-host" in answer.text
    assert post(visitor, headers={"Host": "evil.example:8050"}).status_code == 403


def test_a_host_that_is_no_name_is_not_repeated(visitor: Client) -> None:
    answer = get(visitor, "/", Host="<script>")
    assert answer.status_code == 403 and "script" not in answer.text


def test_a_callback_of_another_page(visitor: Client) -> None:
    assert post(visitor, headers={"Origin": BASE}).status_code == 200
    for said in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
        answer = post(visitor, headers=said)
        assert answer.status_code == 403 and "not Headscope's own" in answer.text


def test_a_frame(visitor: Client) -> None:
    answer = get(visitor, "/", Sec_Fetch_Dest="iframe", Sec_Fetch_Site="cross-site")
    assert answer.status_code == 403 and "not Headscope's own" in answer.text


# Size


def test_a_large_request(visitor: Client) -> None:
    answer = post(visitor, data=b" " * (limits.BODY_BYTES + 1), json=None)
    assert answer.status_code == 413
    assert "1,000,000 characters" in answer.text
    assert answer.content_type == "text/plain; charset=utf-8"


def test_the_longest_text_fits() -> None:
    file = base64.b64encode(b" " * limits.FILE_BYTES)
    assert len(file) + limits.FILE_BYTES < limits.BODY_BYTES < limits.BUFFERED_BYTES


# Headers


def test_headers_of_every_answer(visitor: Client, stranger: Client) -> None:
    answers = {
        200: get(visitor, "/"),
        "health": get(visitor, "/health"),
        "callback": post(visitor),
        "script": get(visitor, "/_dash-component-suites/dash/deps/react@18.3.1.min.js"),
        "token": get(visitor, f"/?token={TOKEN}"),
        403: get(stranger, "/"),
        "host": get(visitor, "/", Host="evil.example"),
        404: get(visitor, "/assets/none.js"),
        405: visitor.delete("/_dash-layout", base_url=BASE),
        413: post(visitor, data=b" " * (limits.BODY_BYTES + 1), json=None),
        500: get(visitor, "/fails"),
    }
    for status, answer in answers.items():
        assert not isinstance(status, int) or answer.status_code == status
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, status
        assert len(answer.headers.getlist("Content-Security-Policy")) == 1, status
        assert "camera=()" in answer.headers["Permissions-Policy"]
        policy = rules(answer)
        assert policy["default-src"] == policy["frame-ancestors"] == ["'none'"]


def rules(answer: TestResponse) -> dict[str, list[str]]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return {part.split()[0]: part.split()[1:] for part in parts}


def test_the_inline_scripts_of_the_page_are_known_and_no_others(visitor: Client) -> None:
    answer = get(visitor, "/")
    page = re.sub(r"<!--.*?-->", "", answer.text, flags=re.S)  # for browsers of long ago
    inline = [
        body
        for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.S)
        if "src=" not in attributes and "application/json" not in attributes
    ]
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in inline]
    assert len(inline) >= 2
    allowed = rules(answer)["script-src"]
    assert {f"'sha256-{digest}'" for digest in digests} <= set(allowed)
    assert "'unsafe-inline'" not in allowed and not any(":" in source for source in allowed)
    assert not any("sha256" in s for s in rules(get(visitor, "/_dash-layout"))["script-src"])


def test_jobs_are_signed_with_the_settings_secret(app: Dash, settings: Settings) -> None:
    assert app._get_signing_secret() == settings.secret
