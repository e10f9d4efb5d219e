"""A site whose accounts are those of a real application, behind one web server with Latchkey.

The application has / and Latchkey /account. What a test knows of an application is an object with

  sign_in_path                      of its own sign-in page
  nginx()                           lines of the host that serve it
  install(site)                     its schema is there and empty, the web server runs
  create(login, address, password)  an account, made by the application; its id
  sign_in(visitor, login, password) at its own page; whether it says so
  is_signed_in(visitor, login)      whether a page that needs it is shown
"""

import dataclasses
import itertools

from support import snapshot, spilled
from support.site import OLD_PASSWORD, Account, Site, new_password

LATCHKEY_PATH = "/account"
# What forms, escapes and trims may alter; each hard enough to guess.
ODD_PASSWORDS = {
    "quotes": """it's "quoted" by O'Neill, `twice`""",
    "backslashes": r"C:\new\table\0x41 \\server\' end\ ".strip(),
    "blanks at the ends": "  two before, three after   ",
    "umlauts": "Grüße aus Köln, ça va ñandú",
    "decomposed umlauts": "Gru\u0308ße aus Ko\u0308ln, c\u0327a va",
    "emoji": "🔑 opens 🚪 for the 🐈\u200d⬛ at four",
    "markup": "<b>&amp;lt;</b> %41+%2B $2y$10$ {{x}}",
}


_numbers = itertools.count(1)


@dataclasses.dataclass
class Member(Account):
    """An account that the application made."""
    login: str


class ApplicationSite(Site):
    """With the configuration that a person would write: the preset, its prefix, the database's users."""

    def __init__(self, *arguments, application, settings=None, **options):
        self.application = application
        unset = {f"site.{key}": None for key in ("table", "id", "address", "hash")}
        super().__init__(*arguments, path=LATCHKEY_PATH, users="", settings={
            **unset, "limits.enabled": False, "pages.login": False, **(settings or {})}, **options)
        self.root_url = self.origin()
        self.latchkey.settings["pages.login_url"] = self.root_url + application.sign_in_path
        self.latchkey.settings["pages.home_url"] = self.root_url + "/"

    def start(self):
        """The application first: the rights on its tables need them to be there."""
        self.smtp.start()
        self.server.query(f"CREATE DATABASE {self.schema} CHARACTER SET utf8mb4")
        self.web_server.start()
        self.application.install(self)
        self.start_latchkey()

    def start_latchkey(self):
        self.latchkey.settings.setdefault("database.socket", self.database_socket)
        self.latchkey.settings.setdefault("relay.port", self.smtp.port)
        self.latchkey.create_schema(self.server)
        self.latchkey.start()
        self.wait_until_it_answers()

    def database_user(self):
        """A login for the application itself, with every right to its own schema: name and password."""
        name, password = f"app_{self.schema}", "the-applications-own"
        self.server.query(f"CREATE USER '{name}'@'localhost' IDENTIFIED BY '{password}'; "
                          f"GRANT ALL ON {self.schema}.* TO '{name}'@'localhost'")
        return name, password

    def member(self, **options):
        """A new account, made by the application; its password is OLD_PASSWORD."""
        login = f"Member{next(_numbers)}"
        address = f"{login.lower()}@example.org"
        identity = self.application.create(login, address, OLD_PASSWORD, **options)
        return Member(str(identity), address, OLD_PASSWORD, login)

    def reset(self, member, password):
        """The whole way through Latchkey, over HTTP."""
        spilled.remember(password)
        reply = self.visitor().set_password(self.link_for(member), password)
        assert reply.status == 303, reply.page.wrong

    def difference_of_a_reset(self, member):
        """What it changes in the application's whole schema."""
        before = snapshot.take(self.server, self.schema)
        self.reset(member, new_password())
        return snapshot.compare(before, snapshot.take(self.server, self.schema))

    def can_sign_in(self, member, password):
        """At the application's own page, as somebody new."""
        visitor = self.visitor()
        answer = self.application.sign_in(visitor, member.login, password)
        assert answer == self.application.is_signed_in(visitor, member.login)
        return answer
