#include "crypto/crypto.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "crypto/encoding.h"

namespace latchkey::crypto {
namespace {

std::string Hex(std::string_view text) { return DecodeHex(text).value(); }
Secret Key(std::string bytes) { return Secret(std::move(bytes)); }

TEST(Sha256, MatchesFips180) {
  // FIPS 180-4 examples and NIST's CAVP empty message.
  EXPECT_EQ(EncodeHex(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(EncodeHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(EncodeHex(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(EncodeHex(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, MatchesRfc1321AndFips180) {
  EXPECT_EQ(EncodeHex(Digest(Hash::kMd5, "abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(EncodeHex(Digest(Hash::kMd5, "")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(EncodeHex(Digest(Hash::kSha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(EncodeHex(Digest(Hash::kSha256, "abc")), EncodeHex(Sha256("abc")));
  EXPECT_EQ(EncodeHex(Digest(Hash::kSha384, "abc")),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(EncodeHex(Digest(Hash::kSha512, "abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(HmacOf, MatchesRfc2202AndRfc4231WithKeysOfAnyLength) {
  const std::string_view question = "what do ya want for nothing?";
  EXPECT_EQ(EncodeHex(HmacOf(Hash::kMd5, "Jefe", question)), "750c783e6ab0b503eaa86e310a5db738");
  EXPECT_EQ(EncodeHex(HmacOf(Hash::kSha1, "Jefe", question)),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(EncodeHex(HmacOf(Hash::kSha384, "Jefe", question)),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
            "8e2240ca5e69e2c78b3239ecfab21649");
  // python3 -c 'import hmac; print(hmac.digest(b"", b"", "sha256").hex())'
  EXPECT_EQ(EncodeHex(HmacOf(Hash::kSha256, "", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// RFC 4231's cases 1 to 4 have shorter keys than are taken here; HMAC pads a key with zeros to 64
// bytes (RFC 2104), so the same key with zeros behind it has the same MACs.
Hmac PaddedHmac(std::string key) {
  key.resize(64, '\0');
  return Hmac(Key(std::move(key)));
}

TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(EncodeHex(PaddedHmac(std::string(20, '\x0b')).Sign("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(EncodeHex(PaddedHmac("Jefe").Sign("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(EncodeHex(PaddedHmac(std::string(20, '\xaa')).Sign(std::string(50, '\xdd'))),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  const Hmac long_key(Key(std::string(131, '\xaa')));
  EXPECT_EQ(EncodeHex(long_key.Sign("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(EncodeHex(long_key.Sign(
                "This is a test using a larger than block-size key and a larger than block-size "
                "data. The key needs to be hashed before being used by the HMAC algorithm.")),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(Hmac, SignsTheSameAgain) {
  const Hmac hmac(Key(std::string(32, 'k')));
  const std::string mac = hmac.Sign("data");
  hmac.Sign("other");
  EXPECT_EQ(hmac.Sign("data"), mac);
}

TEST(Hmac, VerifiesOnlyTheWholeMacOfTheSameData) {
  const Hmac hmac(Key(std::string(32, 'k')));
  const std::string mac = hmac.Sign("data");
  EXPECT_TRUE(hmac.Verify("data", mac));
  EXPECT_FALSE(hmac.Verify("datb", mac));
  EXPECT_FALSE(hmac.Verify("data", ""));
  EXPECT_FALSE(hmac.Verify("data", mac.substr(0, 31)));
  EXPECT_FALSE(hmac.Verify("data", mac + '\0'));
  EXPECT_FALSE(Hmac(Key(std::string(32, 'K'))).Verify("data", mac));
}

TEST(Hmac, KeepsManyKeysApart) {
  // More than a thread keeps schedules of, used in turn, twice.
  std::vector<Hmac> hmacs;
  for (char i = 0; i < 100; ++i) hmacs.emplace_back(Key(std::string(32, i)));
  std::vector<std::string> macs;
  for (const Hmac& hmac : hmacs) macs.push_back(hmac.Sign("data"));
  EXPECT_EQ(std::set<std::string>(macs.begin(), macs.end()).size(), 100U);
  for (size_t i = 0; i < hmacs.size(); ++i) EXPECT_TRUE(hmacs[i].Verify("data", macs[i]));
}

TEST(Hmac, OneMadeWhereAnotherStoodIsAnother) {
  std::set<std::string> macs;
  for (char i = 0; i < 40; ++i) macs.insert(Hmac(Key(std::string(32, i))).Sign("data"));
  EXPECT_EQ(macs.size(), 40U);
}

TEST(Hmac, SignsFromManyThreadsAtOnce) {
  const Hmac hmac(Key(std::string(131, '\xaa')));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&hmac, &wrong, i] {
      const std::string data(static_cast<size_t>(i), 'x');
      const std::string mac = hmac.Sign(data);
      for (int round = 0; round < 500; ++round) wrong += hmac.Sign(data) != mac;
      wrong += hmac.Verify(data + "y", mac);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(HmacDeathTest, RefusesAShortKey) {
  EXPECT_DEATH(Hmac(Key(std::string(31, 'k'))), "bug: CHECK");
  EXPECT_DEATH(Hmac(Key("")), "bug: CHECK");
}

TEST(Hkdf, MatchesRfc5869) {
  EXPECT_EQ(EncodeHex(Hkdf(Key(std::string(22, '\x0b')), Hex("000102030405060708090a0b0c"),
                           Hex("f0f1f2f3f4f5f6f7f8f9"), 42).Reveal()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865");
  std::string key, salt, info;
  for (int i = 0; i < 0x50; ++i) key += static_cast<char>(i);
  for (int i = 0x60; i < 0xb0; ++i) salt += static_cast<char>(i);
  for (int i = 0xb0; i < 0x100; ++i) info += static_cast<char>(i);
  EXPECT_EQ(EncodeHex(Hkdf(Key(std::move(key)), salt, info, 82).Reveal()),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
            "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
            "cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(EncodeHex(Hkdf(Key(std::string(22, '\x0b')), "", "", 42).Reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8");
}

TEST(DeriveKey, IsHkdfOf32BytesWithoutSalt) {
  // The front of RFC 5869's third case, whose info is empty.
  EXPECT_EQ(EncodeHex(DeriveKey(Key(std::string(22, '\x0b')), "").Reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(Pbkdf2, MatchesRfc6070And7914) {
  EXPECT_EQ(EncodeHex(Pbkdf2(Hash::kSha1, "password", "salt", 1, 20).Reveal()),
            "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  EXPECT_EQ(EncodeHex(Pbkdf2(Hash::kSha1, "password", "salt", 4096, 20).Reveal()),
            "4b007901b765489abead49d926f721d065a429c1");
  EXPECT_EQ(EncodeHex(Pbkdf2(Hash::kSha1, std::string_view("pass\0word", 9),
                             std::string_view("sa\0lt", 5), 4096, 16).Reveal()),
            "56fa6aa75548099dcc37d7f03425e0c3");
  EXPECT_EQ(EncodeHex(Pbkdf2(Hash::kSha256, "passwd", "salt", 1, 64).Reveal()),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST(Pbkdf2, KnowsSha512) {
  // Python's hashlib.pbkdf2_hmac("sha512", b"password", b"salt", 2).hex()
  EXPECT_EQ(EncodeHex(Pbkdf2(Hash::kSha512, "password", "salt", 2, 64).Reveal()),
            "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c"
            "f76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e");
}

std::string ScryptHex(std::string_view password, std::string_view salt,
                      ScryptParameters parameters) {
  std::string key;
  if (!Scrypt(password, salt, parameters, 64 << 20, 64, &key)) return "refused";
  return EncodeHex(key);
}

TEST(Scrypt, MatchesRfc7914) {
  EXPECT_EQ(ScryptHex("", "", {16, 1, 1}),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(ScryptHex("password", "NaCl", {1024, 8, 16}),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
  EXPECT_EQ(ScryptHex("pleaseletmein", "SodiumChloride", {16384, 8, 1}),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST(Scrypt, NeedsTheMemoryItMayUse) {
  // 32 MiB and a little: more than OpenSSL's own default lets through.
  std::string key;
  EXPECT_FALSE(Scrypt("password", "salt", {32768, 8, 1}, 32 << 20, 64, &key));
  EXPECT_TRUE(Scrypt("password", "salt", {32768, 8, 1}, 34 << 20, 64, &key));
}

TEST(Scrypt, RefusesParametersThatTheRfcForbids) {
  for (const ScryptParameters parameters :
       {ScryptParameters{0, 8, 1}, {1, 8, 1}, {15, 8, 1}, {16, 0, 1}, {16, 1, 0}, {65536, 1, 1},
        {16, 8, 1U << 30}}) {
    EXPECT_EQ(ScryptHex("password", "salt", parameters), "refused") << parameters.n;
  }
}

TEST(ConstantTimeEquals, ComparesContentsAndLength) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "Abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abcd"));
  EXPECT_FALSE(ConstantTimeEquals("", "a"));
  EXPECT_TRUE(ConstantTimeEquals(std::string_view(), ""));
}

TEST(RandomBytes, AreAsManyAsAskedForAndNeverTheSame) {
  EXPECT_EQ(RandomBytes(0).size(), 0U);
  EXPECT_EQ(RandomBytes(33).size(), 33U);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(RandomBytes(16));
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(RandomBytes, AreNotThoseOfAnotherThread) {
  std::array<std::string, 4> drawn;
  std::vector<std::thread> threads;
  for (std::string& mine : drawn) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 100; ++i) mine += RandomBytes(8);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> seen;
  for (const std::string& bytes : drawn) {
    for (size_t at = 0; at < bytes.size(); at += 8) seen.insert(bytes.substr(at, 8));
  }
  EXPECT_EQ(seen.size(), 400U);
}

}  // namespace
}  // namespace latchkey::crypto
