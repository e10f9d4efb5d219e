CREATE TABLE mailbox (
  username varchar(255) CHARACTER SET latin1 COLLATE latin1_general_ci NOT NULL,
  password varchar(255) CHARACTER SET latin1 COLLATE latin1_general_ci NOT NULL,
  name varchar(255) CHARACTER SET utf8mb4 NOT NULL,
  maildir varchar(255) CHARACTER SET latin1 COLLATE latin1_general_ci NOT NULL,
  quota bigint(20) NOT NULL DEFAULT 0,
  local_part varchar(255) CHARACTER SET latin1 COLLATE latin1_general_ci NOT NULL,
  domain varchar(255) CHARACTER SET latin1 COLLATE latin1_general_ci NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  phone varchar(30) CHARACTER SET utf8 NOT NULL DEFAULT '',
  email_other varchar(255) CHARACTER SET utf8 NOT NULL DEFAULT '',
  token varchar(255) CHARACTER SET utf8 NOT NULL DEFAULT '',
  token_validity datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  password_expiry datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  PRIMARY KEY (username), KEY domain (domain)
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO mailbox (username, password, name, maildir, local_part, domain, active, email_other, token) VALUES
  ('ann@mail.example', @old_hash, 'Ann', 'ann/', 'ann', 'mail.example', 1, 'ann@example.org', 'a token'),
  ('ben@mail.example', @old_hash, 'Ben', 'ben/', 'ben', 'mail.example', 1, 'ben@example.org', 'a token'),
  ('cas@mail.example', @old_hash, 'Cas', 'cas/', 'cas', 'mail.example', 0, 'cas@example.org', '');
