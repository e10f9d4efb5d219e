#include "mail/message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace latchkey::mail {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr char kLink[] =
    "https://www.example.org/account/reset_password/eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL3d3dy"
    "5leGFtcGxlLm9yZyJ9.0123456789012345678901234567890123456789012";

Message Mail() {
  return Message{.from_name = "Example",
                 .from = *Address::Parse("noreply@example.org"),
                 .to = *Address::Parse("ann@example.org"),
                 .subject = "Your link",
                 .message_id = "5f2c.17@www.example.org",
                 .date = sys_seconds{seconds{1777889472}},  // date -u -d @1777889472
                 .text = "Hello\n",
                 .html = "<p>Hello\n"};
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  size_t start = 0;
  for (size_t end; (end = text.find("\r\n", start)) != std::string::npos; start = end + 2) {
    lines.push_back(text.substr(start, end - start));
  }
  lines.push_back(text.substr(start));
  return lines;
}

std::string HeaderOf(const Message& message, const std::string& name) {
  const std::string mail = *Compose(message);
  const size_t start = mail.find(name + ": ");
  size_t end = mail.find("\r\n", start);
  while (mail[end + 2] == ' ') end = mail.find("\r\n", end + 2);
  return mail.substr(start, end - start);
}

TEST(Compose, MakesOneMailOfTwoParts) {
  EXPECT_EQ(*Compose(Mail()),
            "From: \"Example\" <noreply@example.org>\r\n"
            "To: ann@example.org\r\n"
            "Subject: Your link\r\n"
            "Date: Mon, 04 May 2026 10:11:12 +0000\r\n"
            "Message-ID: <5f2c.17@www.example.org>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "X-Auto-Response-Suppress: All\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative;\r\n boundary=\"=_5f2c17wwwexampleorg\"\r\n"
            "\r\n"
            "--=_5f2c17wwwexampleorg\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "Hello\r\n"
            "\r\n"
            "--=_5f2c17wwwexampleorg\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "<p>Hello\r\n"
            "\r\n"
            "--=_5f2c17wwwexampleorg--\r\n");
}

TEST(Compose, LeavesTheNameOutWhenThereIsNone) {
  Message message = Mail();
  message.from_name = "";
  EXPECT_EQ(HeaderOf(message, "From"), "From: noreply@example.org");
}

TEST(Compose, QuotesANameThatCouldBeReadAsAnAddress) {
  Message message = Mail();
  message.from_name = "evil@example.net, \"Bank\" \\";
  EXPECT_EQ(HeaderOf(message, "From"),
            "From: \"evil@example.net, \\\"Bank\\\" \\\\\" <noreply@example.org>");
}

// These decode to what went in by email.header.decode_header of Python 3.11.
TEST(Compose, EncodesNamesAndSubjectsBeyondAscii) {
  Message message = Mail();
  message.from_name = "B\u00fccher & S\u00f6hne";
  message.subject = "Neues Passwort f\u00fcr B\u00fccher & S\u00f6hne";
  EXPECT_EQ(HeaderOf(message, "From"),
            "From: =?utf-8?Q?B=C3=BCcher_=26_S=C3=B6hne?= <noreply@example.org>");
  EXPECT_EQ(HeaderOf(message, "Subject"),
            "Subject: =?utf-8?Q?Neues_Passwort_f=C3=BCr_B=C3=BCcher_=26_S=C3=B6hne?=");
}

TEST(Compose, EncodesWhatWouldReadAsAnEncodedWord) {
  Message message = Mail();
  message.subject = "=?utf-8?Q?spoof?=";
  EXPECT_EQ(HeaderOf(message, "Subject"), "Subject: =?utf-8?Q?=3D=3Futf-8=3FQ=3Fspoof=3F=3D?=");
}

TEST(Compose, FoldsLongHeadersWithoutSplittingACodePoint) {
  Message message = Mail();
  message.subject.clear();
  for (int i = 0; i < 20; ++i) message.subject += "\U0001f511";
  const auto lines = Lines(HeaderOf(message, "Subject"));
  ASSERT_GT(lines.size(), 2u);
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), 76u);
    const size_t word = line.find("=?utf-8?Q?");
    ASSERT_NE(word, std::string::npos);
    EXPECT_LE(line.size() - word, 75u);
    // A key is F0 9F 94 91: each word holds whole ones.
    EXPECT_EQ(line.substr(word + 10, 3), "=F0");
    EXPECT_EQ(line.substr(line.size() - 5), "=91?=");
  }
}

TEST(Compose, KeepsEveryLineShort) {
  Message message = Mail();
  message.from_name = std::string(200, 'n');
  message.subject = std::string(300, 's');
  message.text = std::string(1000, 't');
  message.html = std::string(1000, '=');
  for (const std::string& line : Lines(*Compose(message))) EXPECT_LE(line.size(), 76u) << line;
}

// GHSA-q86f, GHSA-g7hc-96xr-gvvx: a header that ends early and another that begins.
TEST(Compose, RefusesLineEndsAndControlsInEveryHeader) {
  using namespace std::string_literals;
  for (const std::string& bad : {"\r"s, "\n"s, "\r\nBcc: v@example.net"s, "\0"s, "\x1b"s, "\x7f"s,
                                 "\xc2\x85"s /* NEL */, "\u2028"s, "\u2029"s, "\xff"s}) {
    Message name = Mail(), subject = Mail(), id = Mail();
    name.from_name += bad;
    subject.subject += bad;
    id.message_id += bad;
    for (const Message& message : {name, subject, id}) {
      const Result<std::string> mail = Compose(message);
      ASSERT_FALSE(mail.ok());
      EXPECT_EQ(mail.error().next, Next::kFixInput);
    }
  }
}

TEST(Compose, RefusesAMessageIdThatIsNone) {
  for (const std::string id : {"", "x", "@", "a@", "@b", "a@b@c", "a b@c", "<a@b>", "a@b>"}) {
    Message message = Mail();
    message.message_id = id;
    EXPECT_FALSE(Compose(message).ok()) << id;
  }
}

TEST(Compose, RefusesBodiesThatAreNotUtf8) {
  Message text = Mail(), html = Mail();
  text.text = "\xff";
  html.html = "\xff";
  EXPECT_FALSE(Compose(text).ok());
  EXPECT_FALSE(Compose(html).ok());
}

TEST(Compose, GivesTheSameBytesForTheSameMessage) { EXPECT_EQ(*Compose(Mail()), *Compose(Mail())); }

TEST(Compose, HoldsNoBareLineEnd) {
  Message message = Mail();
  message.text = "a\nb\r\nc\rd\n";
  const std::string mail = *Compose(message);
  for (size_t i = 0; i < mail.size(); ++i) {
    if (mail[i] == '\n') {
      EXPECT_EQ(mail[i - 1], '\r');
    }
    if (mail[i] == '\r') {
      EXPECT_EQ(mail[i + 1], '\n');
    }
  }
}

// Expected by `python3 -c 'import quopri; print(quopri.encodestring(...))'`, line starts apart.
TEST(EncodeQuotedPrintable, EncodesBytesEqualsSignsAndTrailingBlanks) {
  EXPECT_EQ(EncodeQuotedPrintable(""), "");
  EXPECT_EQ(EncodeQuotedPrintable("plain"), "plain");
  EXPECT_EQ(EncodeQuotedPrintable("1=2"), "1=3D2");
  EXPECT_EQ(EncodeQuotedPrintable("gr\u00fc\u00dfe"), "gr=C3=BC=C3=9Fe");
  EXPECT_EQ(EncodeQuotedPrintable("a b \nc\t\n"), "a b=20\r\nc=09\r\n");
  EXPECT_EQ(EncodeQuotedPrintable(std::string("\0\x7f", 2)), "=00=7F");
}

TEST(EncodeQuotedPrintable, TakesEveryLineEnd) {
  EXPECT_EQ(EncodeQuotedPrintable("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd");
  EXPECT_EQ(EncodeQuotedPrintable("\n\r\n\r"), "\r\n\r\n\r\n");
}

TEST(EncodeQuotedPrintable, BreaksAtSeventySix) {
  const std::string full(76, 'x');
  EXPECT_EQ(EncodeQuotedPrintable(full), full);
  EXPECT_EQ(EncodeQuotedPrintable(full + "y"), std::string(75, 'x') + "=\r\nxy");
  // Three characters that do not fit go to the next line whole.
  EXPECT_EQ(EncodeQuotedPrintable(std::string(74, 'x') + "="), std::string(74, 'x') + "=\r\n=3D");
  EXPECT_EQ(EncodeQuotedPrintable(std::string(73, 'x') + "="), std::string(73, 'x') + "=3D");
}

// CVE-2023-51764, and mbox files.
TEST(EncodeQuotedPrintable, LeavesNoDotNorFromAtALineStart) {
  EXPECT_EQ(EncodeQuotedPrintable(".\n..\n.x"), "=2E\r\n=2E.\r\n=2Ex");
  EXPECT_EQ(EncodeQuotedPrintable("From here\nFrom\n"), "=46rom here\r\nFrom\r\n");
  // After a soft break too.
  EXPECT_EQ(EncodeQuotedPrintable(std::string(75, 'x') + ".y"), std::string(75, 'x') + "=\r\n=2Ey");
  EXPECT_EQ(EncodeQuotedPrintable(std::string(75, 'x') + "From here"),
            std::string(75, 'x') + "=\r\n=46rom here");
}

// vaultwarden#7401, matomo#19354. Python's email package gives the link back whole.
TEST(EncodeQuotedPrintable, LetsALinkSurvive) {
  EXPECT_EQ(EncodeQuotedPrintable(std::string("Hello\n\n") + kLink + "\n"),
            "Hello\r\n\r\n"
            "https://www.example.org/account/reset_password/eyJhbGciOiJIUzI1NiJ9.eyJpc3M=\r\n"
            "iOiJodHRwczovL3d3dy5leGFtcGxlLm9yZyJ9.0123456789012345678901234567890123456=\r\n"
            "789012\r\n");
}

}  // namespace
}  // namespace latchkey::mail
