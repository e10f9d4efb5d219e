#include "mail/address.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::mail {
namespace {

bool Accepts(std::string_view text) { return Address::Parse(text).ok(); }

std::string Repeat(size_t count, std::string_view text) {
  std::string repeated;
  while (count-- > 0) repeated += text;
  return repeated;
}

TEST(Address, KeepsWhatItAcceptsByteForByte) {
  const Result<Address> address = Address::Parse("Ann.O'Hara+news@Example.ORG");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->text(), "Ann.O'Hara+news@Example.ORG");
  EXPECT_EQ(address->domain(), "Example.ORG");
  EXPECT_TRUE(address->is_ascii());
}

TEST(Address, AcceptsLettersBeyondAscii) {
  const Result<Address> address = Address::Parse("jos\u00e9@b\u00fccher.example");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->domain(), "b\u00fccher.example");
  EXPECT_FALSE(address->is_ascii());
  // RFC 6531's own kind: Chinese, Hindi, Ukrainian, Greek (examples of the EAI working group).
  EXPECT_TRUE(Accepts("\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a"));
  EXPECT_TRUE(Accepts("\u0905\u091c\u092f@\u0921\u093e\u091f\u093e.\u092d\u093e\u0930\u0924"));
  EXPECT_TRUE(Accepts("\u043a\u0432\u0456\u0442@example.com"));
  EXPECT_TRUE(Accepts("\u03b8\u03c3@example.com"));
}

TEST(Address, HoldsToTheSizesOfRfc5321) {
  const std::string domain = Repeat(3, std::string(60, 'd') + ".") + "org";  // 186 bytes
  EXPECT_TRUE(Accepts(std::string(64, 'l') + "@" + domain));
  EXPECT_FALSE(Accepts(std::string(65, 'l') + "@" + domain));
  const auto of_size = [](size_t size) {
    std::string text = "l@" + Repeat(3, std::string(61, 'd') + ".") + std::string(61, 'e');
    return text + "." + std::string(size - text.size() - 1, 'f');
  };
  EXPECT_TRUE(Accepts("l@" + std::string(63, 'd') + ".org"));
  EXPECT_FALSE(Accepts("l@" + std::string(64, 'd') + ".org"));
  EXPECT_EQ(of_size(254).size(), 254u);
  EXPECT_TRUE(Accepts(of_size(254)));
  EXPECT_FALSE(Accepts(of_size(255)));
}

TEST(Address, RefusesWhatIsNoDotAtomAtADomain) {
  for (const std::string_view text : {"",
                                      "@",
                                      "ann",
                                      "ann@",
                                      "@example.org",
                                      "ann@example",
                                      "ann@localhost",
                                      "a@b@example.org",
                                      ".ann@example.org",
                                      "ann.@example.org",
                                      "an..n@example.org",
                                      "ann@.example.org",
                                      "ann@example.org.",
                                      "ann@exam..ple.org",
                                      "ann@-example.org",
                                      "ann@example-.org",
                                      "ann@exa_mple.org",
                                      "ann@[192.0.2.1]",
                                      "ann@192.0.2.1",
                                      "ann@[IPv6:2001:db8::1]",
                                      "\"ann\"@example.org",
                                      "\"a b\"@example.org",
                                      "an(n)@example.org",
                                      "an\\n@example.org"}) {
    EXPECT_FALSE(Accepts(text)) << text;
  }
}

// CVE-2023-7028: one field that names two people.
TEST(Address, RefusesSeveralAddressesInOne) {
  for (const std::string_view text :
       {"v@example.org,a@example.net", "v@example.org;a@example.net", "v@example.org a@example.net",
        "v@example.org\ta@example.net", "v,a@example.net", "v;a@example.net", "v a@example.net",
        "a%example.net@example.org", "example.net!a@example.org", "@example.net:a@example.org"}) {
    EXPECT_FALSE(Accepts(text)) << text;
  }
}

// GHSA-q86f, GHSA-g7hc-96xr-gvvx: addresses that end a header or an SMTP command.
TEST(Address, RefusesLineEndsControlsAndBrackets) {
  using namespace std::string_view_literals;
  for (const std::string_view bad :
       {"\r"sv, "\n"sv, "\r\n"sv, "\0"sv, "\t"sv, "\x1b"sv, "\x7f"sv, "<"sv, ">"sv,
        "\xc2\x85"sv /* NEL */, "\u2028"sv, "\u2029"sv}) {
    const std::string part(bad);
    EXPECT_FALSE(Accepts("an" + part + "n@example.org"));
    EXPECT_FALSE(Accepts("ann@exam" + part + "ple.org"));
    EXPECT_FALSE(Accepts(part + "ann@example.org"));
    EXPECT_FALSE(Accepts("ann@example.org" + part));
  }
}

// CVE-2019-19844, GHSA-qw9g-7549-7wg5: what looks like, or is normalised to, another address.
TEST(Address, RefusesInvisibleAndCompatibilityCharacters) {
  for (const std::string part : {"\u200b" /* zero width space */,
                                 "\u200d",
                                 "\u202e" /* right-to-left override */,
                                 "\u2066",
                                 "\ufeff",
                                 "\u00ad" /* soft hyphen */,
                                 "\u00a0",
                                 "\u3000",
                                 "\u034f",
                                 "\u115f",
                                 "\u3164",
                                 "\u212a" /* Kelvin */,
                                 "\uff20" /* full-width @ */,
                                 "\uff41",
                                 "\uff0e",
                                 "\u3002",
                                 "\ufb01",
                                 "\U000e0061" /* tag a */,
                                 "\U0001d41a" /* bold a */,
                                 "\ue000",
                                 "\uffff"}) {
    EXPECT_FALSE(Accepts("mi" + part + "ke@example.org")) << part;
    EXPECT_FALSE(Accepts("mike@exa" + part + "mple.org")) << part;
  }
}

TEST(Address, RefusesWhatIsNotUtf8) {
  EXPECT_FALSE(Accepts("an\xffn@example.org"));
  EXPECT_FALSE(Accepts("an\xc0\xafn@example.org"));
  EXPECT_FALSE(Accepts("ann\xbf\x27@example.org"));  // GBK bytes around a quote
}

TEST(Address, SaysWhyWithoutQuotingTheText) {
  const Result<Address> address = Address::Parse("secret person@example.org");
  ASSERT_FALSE(address.ok());
  EXPECT_EQ(address.error().next, Next::kFixInput);
  EXPECT_EQ(address.error().message.find("secret"), std::string::npos);
  EXPECT_FALSE(address.error().message.empty());
}

// The first from RFC 3492's time, the second is where IDNA 2008 and 2003 differ, the third one of ICANN's
// test domains: python3 -c 'import idna; print(idna.encode("..."))' (python3-idna).
TEST(AddressTest, ADomainBeyondAsciiIsWrittenAsDnsHasIt) {
  const auto ascii = [](const std::string& text) {
    const auto address = Address::Parse(text)->WithAsciiDomain();
    return address.ok() ? address->text() : "refused";
  };
  EXPECT_EQ(ascii("ann@b\xc3\xbc" "cher.example"), "ann@xn--bcher-kva.example");
  EXPECT_EQ(ascii("ann@fa\xc3\x9f.de"), "ann@xn--fa-hia.de");
  EXPECT_EQ(ascii("ann@\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88"),
            "ann@xn--r8jz45g.xn--zckzah");
  EXPECT_EQ(ascii("Ann@Example.org"), "Ann@Example.org");
  // The part before the @ is the relay's to understand.
  EXPECT_EQ(ascii("j\xc3\xb6rg@b\xc3\xbc" "cher.example"), "j\xc3\xb6rg@xn--bcher-kva.example");
  EXPECT_EQ(ascii("ann@" + std::string(60, 'a') + "\xc3\xbc.example"), "refused");
}

}  // namespace
}  // namespace latchkey::mail
