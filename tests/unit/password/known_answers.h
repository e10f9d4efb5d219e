// known_answers.h -- stored hashes that other programs made, with their passwords
//
// Each comment says by which command; where none does, the hash is hashcat's published example, of
// "hashcat". Costs are the smallest, since the tests verify each some hundred times.

#pragma once

#include <string>
#include <vector>

namespace latchkey::password {

struct KnownAnswer {
  std::string scheme, stored, password;
};

inline const std::string kHorse = "correct horse";

// 180 bytes and a NUL.
inline std::string LongPassword() {
  std::string password;
  for (int i = 0; i < 20; ++i) password += "Gr\u00fc\u00dfe ";
  return password + '\0';
}

inline const std::vector<KnownAnswer>& KnownAnswers() {
  static const std::vector<KnownAnswer> answers = {
      // passlib.hash.phpass.using(rounds=7, ident="P").hash("correct horse"), and "H"
      {"phpass", "$P$5LLo86ktGiRvw/r/O/0xVcDAvT3F8B.", kHorse},
      {"phpass", "$H$5WSY04LH6WuqpxdJpnBXtPfzemgZsS/", kHorse},
      {"phpbb-phpass", "$H$5WSY04LH6WuqpxdJpnBXtPfzemgZsS/", kHorse},
      {"phpass", "$P$946647711V1klyitUYhtB8Yw5DMA/w.", "hashcat"},
      // php: '$wp' . password_hash(base64_encode(hash_hmac('sha384', 'correct horse', 'wp-sha384',
      // true)), PASSWORD_BCRYPT, ['cost' => 4])
      {"wordpress-bcrypt",
       "$wp$2y$04$X4T5YLAEDUElaHKsbuWV8eYxrVUtFI/tp9WdWkjM7wGkFB8CdbfPm",
       kHorse},
      // Python: '$wp' + bcrypt.hashpw(base64.b64encode(hmac.digest(b'wp-sha384', b'correct horse',
      // 'sha384')), bcrypt.gensalt(4, b'2a')).decode(), and the same of ('Grüße ' * 20 + '\0')
      {"wordpress-bcrypt",
       "$wp$2a$04$hI0R/iFkGTTw0EjQm77vJOLWl52c/AZmOqjxZfgrSC1BBvFtR1ntu",
       kHorse},
      {"wordpress-bcrypt",
       "$wp$2a$04$5Kb/faelNJJ2BI55OBx8m.HnlCYx3aVDIXrktH8dYxOuUgEDgw0SG",
       LongPassword()},
      // php: password_hash('correct horse', PASSWORD_ARGON2I, ['memory_cost' => 8, 'time_cost' =>
      // 1])
      {"argon2i",
       "$argon2i$v=19$m=8,t=1,p=1$dmVBcEFubFd4SkZaVG91RA$"
       "7fMsVpXrE5JTX68mg04LKh+zzx9F4UqD1olnXa9qszU",
       kHorse},
      // printf 'correct horse' | md5sum, and so on
      {"md5", "3cb4e732631f47e6eb961f34554b7cde", kHorse},
      {"sha1", "2f9e53523b62abc141a2b4d6019d23cba835dbd0", kHorse},
      {"sha256", "4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631", kHorse},
      {"sha512",
       "56b698defedb5a435b634afe3320bbaf3fdcd920b6c503a446fc7b7a776b298d"
       "479d1ba6a8b617808eb0bf579ce9a95d668347bcab7149085ac93cb27995197b",
       kHorse},
      // php: sha1('ann' . 'correct horse')
      {"smf-sha1", "3b7b15d0c593348c4ae9ac01db6356bc3209552d", "anncorrect horse"},

      // php, from Drupal 7's description of its format: hash = sha512(salt . password), then 2^7
      // times sha512(hash . password), phpass's base64, cut to 55 characters; "U": of md5(password)
      {"drupal", "$S$5aB3dEfGhDD0.wD2HaNuFS6xI3f34jrWhQKplwe6BcjTWcQPVKJu", kHorse},
      {"drupal", "U$S$5aB3dEfGhOVJzhPg1iujQQ5XaaHAMcedKaXgZy8WWiqjwd.OL8S1", kHorse},
      {"drupal", "$S$C20340258nzjDWpoQthrdNTR02f0pmev0K/5/Nx80WSkOQcPEQRh", "hashcat"},

      // php: ':A:' . md5('correct horse'), ':B:1a2b3c4d:' . md5('1a2b3c4d-' . md5('correct horse'))
      {"mediawiki-a", ":A:3cb4e732631f47e6eb961f34554b7cde", kHorse},
      {"mediawiki-a", ":A:1a2b3c4d:35d07e1a72c973fabdff842189163e95", kHorse},
      {"mediawiki-b", ":B:1a2b3c4d:35d07e1a72c973fabdff842189163e95", kHorse},
      // php: base64_encode(hash_pbkdf2('sha512', 'correct horse', '0123456789abcdef', 3, 64,
      // true)), and 'sha256', 2, 128; then of md5('1a2b3c4d-' . md5('correct horse')), of
      // md5('correct horse')
      {"mediawiki-pbkdf2",
       ":pbkdf2:sha512:3:64:MDEyMzQ1Njc4OWFiY2RlZg==:hrCfL3STbHJOTNDIo29APkQn9dCtakDy69ZIGl2tG84d"
       "bkKz"
       "peDO79AK+UGZ0nxyST+cD1RZmx2avRf0Lmwnzg==",
       kHorse},
      {"mediawiki-pbkdf2",
       ":pbkdf2:sha256:2:128:MDEyMzQ1Njc4OWFiY2RlZg==:+XZchAcQvbzHAIQiZZrHyRb2Cx523Fdzt1QV6Y6OK88"
       "3LgT"
       "/pQAIReD8SjmMWKR5LG0ikqLrL6RAFLtFacQQWbPT4J3jj1gFS+bB0h0zTiGE4HC99WhsBiIWQ60BGC5Ifb5//BcM"
       "VN2X"
       "/WKPVlu8BoZ/UQ2w2hD/97g3Pv0GS8I=",
       kHorse},
      {"mediawiki-pbkdf2-legacy",
       ":pbkdf2-legacyB:!sha512:3:64!1a2b3c4d!MDEyMzQ1Njc4OWFiY2RlZg==!DZCoyA4wOJc2eGemdY+MHnL6lG"
       "or/"
       "gelMkfSQXIqyoehaLirB8Lt6Jbu3qyPRUM9APCs6EgaLXq6JxLZUSUU7g==",
       kHorse},
      {"mediawiki-pbkdf2-legacy",
       ":pbkdf2-legacyA:!sha512:3:64!!MDEyMzQ1Njc4OWFiY2RlZg==!76pvpTcNDlwclRYapeLd8oF/j+bb3NgXPD/"
       "unZMfu/IH6UI12L0yEJwjvDFfy08yyjCFca5jEEPn8S6HOYt8aQ==",
       kHorse},
      // php: $b = password_hash('correct horse', PASSWORD_BCRYPT, ['cost' => 4]);
      //      ':bcrypt:4$' . substr($b, 7, 22) . '$' . substr($b, 29)
      {"mediawiki-bcrypt",
       ":bcrypt:4$SWyhvE1Q5zyW17dWRILK0O$Fn3.e.gnKzR25Ut/odC8wUlgL5QTvyu",
       kHorse},
      // php: ':argon2:' . password_hash('correct horse', PASSWORD_ARGON2ID, ['memory_cost' => 8,
      // 'time_cost' => 1])
      {"mediawiki-argon2",
       ":argon2:$argon2id$v=19$m=8,t=1,p=1$b1BGby50cTdObnQ1UFJCaA$"
       "IE6UYKhFzGZk47DlrCICMCSHF+CyB6nlS9q/f/Q6b34",
       kHorse},

      // Python: hashlib.md5(b'correct horse' + salt).hexdigest(), sha256 likewise
      {"joomla-md5", "49513151b92a6fafc527400842d91b0c:aB3dEfGh1jKlMn0paB3dEfGh1jKlMn0p", kHorse},
      {"joomla-sha256",
       "{SHA256}e2f5ba0dac9313d6f886b1a8f59ed47c9b19816569082aee79c2acf8ae3638d5:aB3dEfGh1jKlMn0p",
       kHorse},
      // Python: hashlib.md5(b'4f' + b'correct horse').hexdigest()
      {"oscommerce-md5", "c88e3635f3d9c6c60032d1268b23c580:4f", kHorse},
      // php: md5(md5($pw) . $salt), md5(md5($salt) . md5($pw)), sha1($salt . sha1($pw)),
      //      sha1($salt . sha1($salt . sha1($pw)))
      {"vbulletin", "b50a81db8fc49066a8270bbcd55f2820:Qx!7(~", kHorse},
      {"vbulletin", "28f9975808ae2bdc5847b1cda26033ea:308", "hashcat"},
      {"mybb", "52e2ce4803369cb82688254a54198e43:aB3dEfGh", kHorse},
      {"punbb", "9f77735c13bddfdcaa93ec103ac673cf492100ab:aB3dEfGh1jKl", kHorse},
      {"punbb", "9038129c474caa3f0de56f38db84033d0fe1d4b8:365563602032", "hashcat"},
      {"punbb",
       "c18e826af2a78c7b9b7261452613233417e65817:28246535720688452723483475753333",
       "hashcat"},
      {"opencart", "af61755b15810717534afd9140ebbcc5ddddcf16:aB3dEfGh1", kHorse},

      // django.contrib.auth.hashers, 3.2: PBKDF2PasswordHasher().encode("correct horse",
      // "aB3dEfGh1jKlMn0pQrStUv", 3), and so on
      {"django-pbkdf2",
       "pbkdf2_sha256$3$aB3dEfGh1jKlMn0pQrStUv$J09oBHosKF9w4Ed8eAeHSs0eTJX6dQYruALhp7+D2Jk="
       "", kHorse},
      {"django-pbkdf2",
       "pbkdf2_sha1$3$aB3dEfGh1jKlMn0pQrStUv$X2SvhETPQ0yr/MyJ1rZlaHrA2eA=",
       kHorse},
      {"django-argon2",
       "argon2$argon2id$v=19$m=64,t=1,p=8$YUIzZEVmR2gxakts$K5pCkhoAa8RKu0HoawrYUw", kHorse},
      {"django-bcrypt-sha256",
       "bcrypt_sha256$$2b$04$8TGjBOgF8Cm8agLXkMdXSub/OPf60Wdb9Exmggprew5tc2qfM8Yiu", kHorse},
      {"django-bcrypt",
       "bcrypt$$2b$04$q5vKUkSqMG0ffIi73xqEQ.TJKLv4FHVV7oALfXts5Z1FGtH6FAB2e",
       kHorse},
      {"django-digest",
       "sha1$aB3dEfGh1jKlMn0pQrStUv$b621e9b3a6b091c73c5796a6a11d74c9777b51c1",
       kHorse},
      {"django-digest", "md5$aB3dEfGh1jKlMn0pQrStUv$45cf216857bfe0ac44d4dc9f47af7ffd", kHorse},
      {"django-digest", "sha1$$2f9e53523b62abc141a2b4d6019d23cba835dbd0", kHorse},
      {"django-digest", "sha1$fe76b$02d5916550edf7fc8c886f044887f4b1abf9b013", "hashcat"},
      // Python, as Django 4.0 has it: base64.b64encode(hashlib.scrypt(b"correct horse",
      // salt=b"aB3dEfGh1jKlMn0pQrStUv", n=16, r=1, p=1))
      {"django-scrypt",
       "scrypt$aB3dEfGh1jKlMn0pQrStUv$16$1$1$V+fGsGIfOQ9pooDxq5xrfTL1wcJpOrzJw6q6021Hk18V53uzHnjp"
       "Pecr"
       "zeAmJWtdBDxCgIU7e7WK0+KU0ZABJQ==",
       kHorse},

      // Python: hmac.new(b"aB3dEfGh", b"correct horse", "md5").hexdigest(), and so on
      {"werkzeug-hmac", "md5$aB3dEfGh$caea0a3c2c2db2d32942a7765fdc2dbd", kHorse},
      {"werkzeug-hmac", "sha1$aB3dEfGh$863cd568eb4be79861c24568dabc118268ad428b", kHorse},
      {"werkzeug-hmac",
       "sha256$aB3dEfGh$23807e9e16098121ae24ed4d557c9f436ee930a88e3c3deeb977288851bf9ccf", kHorse},
      {"werkzeug-hmac",
       "sha256$70108387805$8b9472281c36c3a693703de0e0f1ffab8fc0ecdd3bc5ead04c76dd74ef431e49",
       "hashcat"},

      // Python: crypt.crypt("correct", "aB")
      {"des-crypt", "aBOZCvSGJhSCA", "correct"},
      {"des-crypt", "24leDr0hHfb3A", "hashcat"},
      // passlib.hash.md5_crypt.hash("correct horse"), sha256_crypt.using(rounds=1000), and so on
      {"md5-crypt", "$1$KnGpHkRh$d5KyWgkPkgxZrgaH/zSen.", kHorse},
      {"md5-crypt", "$1$38652870$DUjsu4TTlTsOe/xxZ05uf/", "hashcat"},
      {"sha256-crypt",
       "$5$rounds=1000$q0KtPM//8ch74glL$5ZQIlI12ZrKUpza1vM4Subke1oEc74gJbsq0ekWtp6.", kHorse},
      {"sha256-crypt",
       "$5$7777657035274252$XftMj84MW.New1/ViLY5V4CM4Y7EBvfETaZsCW9vcJ8",
       "hashcat"},
      {"sha512-crypt",
       "$6$rounds=1000$JgFkxjahkLhjaNHE$W2feksJeXcMgv/eFlgpp7S.Ypso6OFNiWQNtdTOWghHoH8X7AL8SdRGck"
       "A2gQB"
       "9QF1IMqll2oT3MJn53mPRjK0",
       kHorse},
      {"sha512-crypt",
       "$6$72820166$U4DVzpcYxgw7MVVDGGvB2/H5lRistD5.Ah4upwENR5UtffLR4X4SxSzfREv8z6wVl0jRFX40/"
       "KnYVvK4829kD1",
       "hashcat"},
      // perl -e 'print crypt("correct horse", "\$y\$j75\$aB3dEfGh1jKlMn0pQrStU.")'
      {"yescrypt",
       "$y$j75$aB3dEfGh1jKlMn0pQrStU.$k3B3q29MWa/9afyrGnB0EIGxv//zmrN1TSzOJQ9GKh8", kHorse},

      // doveadm pw -p "correct horse" -s PLAIN-MD5, and so on; "-r 4" or "-r 1000" where there are
      // rounds
      {"dovecot-plain-md5", "{PLAIN-MD5}3cb4e732631f47e6eb961f34554b7cde", kHorse},
      {"dovecot-plain-md5", "{PLAIN-MD5.B64}PLTnMmMfR+brlh80VUt83g==", kHorse},
      {"dovecot-ldap-md5", "{LDAP-MD5}PLTnMmMfR+brlh80VUt83g==", kHorse},
      {"dovecot-smd5", "{SMD5}bDIGkS4JOo42Y7mwIRba8wW2dIA=", kHorse},
      {"dovecot-smd5", "{SMD5.B64}XQRlqXzWxyKDIG7Nhzv4H59dHGk=", kHorse},
      {"dovecot-sha", "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", kHorse},
      {"dovecot-sha", "{SHA1}L55TUjtiq8FBorTWAZ0jy6g129A=", kHorse},
      {"dovecot-sha256", "{SHA256}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=", kHorse},
      {"dovecot-sha512",
       "{SHA512}VraY3v7bWkNbY0r+MyC7rz/c2SC2xQOkRvx7endrKY1HnRumqLYXgI6wv1ec6aldZoNHvKtxSQhayTyye"
       "ZUZew==",
       kHorse},
      {"dovecot-ssha", "{SSHA}TLfxRn8L3gKeX8NuPeBWijj7QS1NXkjf", kHorse},
      {"dovecot-ssha256", "{SSHA256}PTN1vIwJozOq4p/kSue3iqAhqD9ZX3PlU1NWD3i8bJ6JMWKG", kHorse},
      {"dovecot-ssha256", "{SSHA256}L5Wk0zPY2lmoR5pH20zngq37KkxFwgTquEhx95rxfVk3Ng==", "hashcat"},
      {"dovecot-ssha256",
       "{SSHA256.HEX}f1e5713781d643e6f32fa13c51f69f45696903066a379e34abdd57fa62b7620d48b33e77"
       "", kHorse},
      {"dovecot-ssha512",
       "{SSHA512}B3RwgC90bzeCygTDEzr1HcVIjPY9zc5lJY58WV7c/5lbbnY3lGk25EHVlFhLR/q13koixWlnNtO4vtUb"
       "W3DY8"
       "eqFgfo=",
       kHorse},
      {"dovecot-md5-crypt", "{MD5-CRYPT}$1$FYCIeFaI$L4MREM0bRkZrwWGVl/NF00", kHorse},
      {"dovecot-des-crypt", "{DES-CRYPT}aBOZCvSGJhSCA", "correct"},
      {"dovecot-crypt", "{CRYPT}aBOZCvSGJhSCA", "correct"},
      {"dovecot-crypt", "{CRYPT}$1$FYCIeFaI$L4MREM0bRkZrwWGVl/NF00", kHorse},
      {"dovecot-blf-crypt",
       "{BLF-CRYPT}$2y$04$/imlnGjJ78qp//bCziQ7WuKVWj1OnvGBDmgu/Nbiu6T5L5VirTbd6", kHorse},
      {"dovecot-blf-crypt",
       "{BLF-CRYPT.HEX}24327924303424523768414c3363315a786c79336a3368394b6134714f68474f6f2f685a72"
       "4e7835"
       "2f506d4c54723039527a6736656b437575545732",
       kHorse},
      {"dovecot-sha256-crypt",
       "{SHA256-CRYPT}$5$rounds=1000$tb0PJ7CpnFo0s1.F$p5O2E/RV.MNZrBx9t6DVtfqXYoBfNCcUXqTczdDbEP0",
       kHorse},
      {"dovecot-sha512-crypt",
       "{SHA512-CRYPT}$6$rounds=1000$YSQFIJ6YD6wkLjbN$DfERlA2IYt2tg/oWG2GAz6QyxQGhIwBUQGHMSbo.dKZ"
       "E4p4"
       "U4aaFpXOHRBqJk07mbtudX1LfSnQlkplN4eOsn.",
       kHorse},
      {"dovecot-sha512-crypt",
       "{SHA512-CRYPT.B64}JDYkcm91bmRzPTEwMDAkM1JVTmJpVzNENHRGWEx6MCRZdWh2bkEzT0gzeTIvTGVVSXNaQ0s"
       "yM1FQ"
       "MVdCMmo0VktkYm9iQk94Q3NleERZTWJJZVhLZ25Bem50MTRCVVRGLnZTdzhlN3QzQUFqeXVlY09VYkNwLg==",
       kHorse},
      // php: '{ARGON2ID}' . password_hash(...), as above
      {"dovecot-argon2id",
       "{ARGON2ID}$argon2id$v=19$m=8,t=1,p=1$b1BGby50cTdObnQ1UFJCaA$"
       "IE6UYKhFzGZk47DlrCICMCSHF+CyB6nlS9q/f/Q6b34",
       kHorse},
      {"dovecot-argon2i",
       "{ARGON2I}$argon2i$v=19$m=8,t=1,p=1$dmVBcEFubFd4SkZaVG91RA$"
       "7fMsVpXrE5JTX68mg04LKh+zzx9F4UqD1olnXa9qszU",
       kHorse},
  };
  return answers;
}

// Of the costs that applications write: to be verified once.
inline const std::vector<KnownAnswer>& SlowKnownAnswers() {
  static const std::vector<KnownAnswer> answers = {
      // php: password_hash('correct horse', PASSWORD_ARGON2I)
      {"argon2i",
       "$argon2i$v=19$m=65536,t=4,p=1$MjBMcWZFVTZ1ai5WblBJQw$"
       "7A6lDy3VJEiV79wAJ+pXi/w0l8RuU5erTlw+/DYhzwg",
       kHorse},
      // Django 3.2: PBKDF2PasswordHasher().encode("correct horse", "aB3dEfGh1jKlMn0pQrStUv")
      {"django-pbkdf2",
       "pbkdf2_sha256$260000$aB3dEfGh1jKlMn0pQrStUv$fL8WgMLU8zpU4x82OaD8roqIz5qMlUCBIa6KR0z1oHU=",
       kHorse},
      // Python: hashlib.scrypt(..., n=16384, r=8, p=5), as Django 5.1
      {"django-scrypt",
       "scrypt$aB3dEfGh1jKlMn0pQrStUv$16384$8$5$TUj+CuLV+tUzbUFIHxRAv8h1ahNcErSBeYhXSeZy6TRZw650s"
       "CLJhu"
       "cbLg0lEsEH2Kw3vLuwT5HxGSyj/twffQ==",
       kHorse},
      // doveadm pw -p "correct horse" -s ARGON2ID, and so on
      {"dovecot-argon2id",
       "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$0gd43H6BcH3WFpk5eDsBnA$"
       "pOoLgMtMUV+onhCyMXr+BwxdG0gcfbya43L5KFfdDeo",
       kHorse},
      {"dovecot-argon2i",
       "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$U83aKPGrp90UEWlHaY9/xw$"
       "5+DM2EAGJ/yn5EB6a7UIwl9Qu2HLYzYjxlYjf0MLkTw",
       kHorse},
      {"dovecot-crypt",
       "{CRYPT}$2y$05$Rw8bCKz/RE3fqZwh50kyXuStXfI9WdPh0quOOloz3m2j7pZCv8lUa",
       kHorse},
      // perl -e 'print crypt("correct horse", "\$y\$j9T\$F5Jx5fExrKuPp53xLKQ..1")'
      {"yescrypt",
       "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$zwtVrjrUCmXcyLTs6oxLTQlzifSUkF8RHJ./tK5KU79", kHorse},
  };
  return answers;
}

}  // namespace latchkey::password
