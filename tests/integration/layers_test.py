"""tools/check-layers: what must fail does."""

import importlib.machinery
import importlib.util
import subprocess

import pytest

from stack import places

SCRIPT = places.ROOT / "tools/check-layers"
LAYERS = """\
0 base uses - owns unistd.h
1 net  uses base owns curl/* sys/*
1 data uses base owns -
7 main uses * owns -
"""


def load():
    loader = importlib.machinery.SourceFileLoader("check_layers", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_layers", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def house(tmp_path):
    files = {
        "src/LAYERS": LAYERS,
        "src/base/a.h": "#include <string>\n#include <unistd.h>\n",
        "src/net/b.cc": '#include <curl/curl.h>\n#include <string.h>\n#include "base/a.h"\n',
        "src/data/c.h": '#include "base/a.h"\n',
        "src/main/d.cc": '#include "net/b.cc"\n#include <curl/curl.h>\n',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def check(house):
    done = subprocess.run([str(SCRIPT), "--source-only", "--root", str(house)], capture_output=True,
                          text=True)
    return done.returncode, done.stdout


def test_a_good_house_stands(house):
    status, said = check(house)
    assert status == 0, said
    assert said.endswith("6 passed, 0 failed\n")


@pytest.mark.parametrize("path, line, words", [
    ("src/data/c.h", '#include "net/b.cc"', "data does not use net"),
    ("src/base/a.h", '#include "data/c.h"', "base does not use data"),
    ("src/data/c.h", "#include <curl/curl.h>", "<curl/curl.h> belongs to net"),
    ("src/data/c.h", "# include  <sys/socket.h>", "<sys/socket.h> belongs to net"),
    ("src/data/c.h", "#include <boost/any.hpp>", "has no owner"),
    ("src/data/c.h", '#include "base/gone.h"', "is not in src/"),
    ("src/stray/e.h", "", "src/stray/ is not in src/LAYERS"),
    ("tests/unit/stray/e_test.cc", "", "mirrors no module"),
])
def test_an_include_that_is_not_allowed_is_named(house, path, line, words):
    (house / path).parent.mkdir(parents=True, exist_ok=True)
    with open(house / path, "a") as file:
        file.write(line + "\n")
    status, said = check(house)
    assert status == 1
    assert words in said


@pytest.mark.parametrize("old, new, words", [
    ("1 data uses base", "1 data uses base net", "data (floor 1) uses net (floor 1)"),
    ("1 net  uses base", "0 net  uses base", "net (floor 0) uses base (floor 0)"),
    ("1 data uses base", "2 data uses base net", "data uses net, but includes nothing of it"),
    ("1 data uses base", "1 data uses nowhere", "which is no module"),
    ("7 main", "1 gone uses - owns -\n7 main", "there is no src/gone/"),
])
def test_a_table_that_is_wrong_is_named(house, old, new, words):
    layers = house / "src/LAYERS"
    layers.write_text(layers.read_text().replace(old, new))
    status, said = check(house)
    assert status == 1
    assert words in said


def test_code_of_another_module_is_seen_in_a_program():
    symbols = ("0000 T latchkey::smtp::Relay::Send(latchkey::mail::Address const&)\n"
               "0000 V vtable for latchkey::db::Session\n"
               "0000 T latchkey::mail::Compose(latchkey::view::Values&)\n"
               "     U latchkey::web::App::Look()\n"
               "0000 W std::vector<latchkey::token::Key>::~vector()\n")
    defined = "\n".join(line for line in symbols.splitlines() if " U " not in line)
    known = {"smtp", "db", "mail", "view", "web", "token"}
    assert load().modules_in(defined, known) == {"smtp", "db", "mail"}


def test_a_library_too_many_is_seen_in_a_program(tmp_path):
    source = tmp_path / "latchkeyd.cc"
    source.write_text("namespace latchkey::base { int f() { return 0; } }\n"
                      "extern \"C\" unsigned curl_global_init(long);\n"
                      "int main() { return curl_global_init(0) != 0 ? latchkey::base::f() : 1; }\n")
    program = tmp_path / "latchkeyd"
    subprocess.run(["g++", "-o", str(program), str(source), "-lcurl"], check=True)
    programs = load().Programs(places.ROOT, tmp_path)
    faults = list(programs.library_faults("latchkeyd", program, []))
    assert "latchkeyd must not need libcurl" in faults
    assert not [fault for fault in programs.library_faults("latchkey-mailer", program, ["curl"])]


def test_a_template_that_does_not_escape_is_named(tmp_path):
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "bare.tpl").write_text("<p>{{NAME}}</p>\n")
    (templates / "none.tpl").write_text('{{%AUTOESCAPE context="HTML"}}\n<p>{{NAME:none}}</p>\n')
    (templates / "good.tpl").write_text('{{%AUTOESCAPE context="HTML"}}\n'
                                      '<p style="border:none">{{NAME}}</p>\n')
    faults = list(load().template_faults(tmp_path))
    assert len(faults) == 2
    assert "bare.tpl" in faults[0] and "none.tpl" in faults[1]


def test_a_path_of_somebodys_machine_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("see /" + "home/ann/notes\n")
    (tmp_path / "b.txt").write_text("see /usr/share/doc and https://example.org/work/x\n")
    faults = list(load().path_faults(tmp_path))
    assert len(faults) == 1
    assert faults[0].startswith("a.txt:1")
