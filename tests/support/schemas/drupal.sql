CREATE TABLE users_field_data (
  uid int(10) unsigned NOT NULL,
  langcode varchar(12) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  preferred_langcode varchar(12) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT NULL,
  preferred_admin_langcode varchar(12) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT NULL,
  name varchar(60) NOT NULL,
  pass varchar(255) DEFAULT NULL,
  mail varchar(254) DEFAULT NULL,
  timezone varchar(32) DEFAULT NULL,
  status tinyint(4) DEFAULT NULL,
  created int(11) NOT NULL,
  changed int(11) DEFAULT NULL,
  access int(11) NOT NULL,
  login int(11) DEFAULT NULL,
  init varchar(254) DEFAULT NULL,
  default_langcode tinyint(4) NOT NULL,
  PRIMARY KEY (uid, langcode), UNIQUE KEY user__name (name, langcode),
  KEY user__id__default_langcode__langcode (uid, default_langcode, langcode), KEY user_field__mail (mail(191)),
  KEY user_field__created (created), KEY user_field__access (access)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE sessions (
  uid int(10) unsigned NOT NULL,
  sid varchar(128) CHARACTER SET ascii NOT NULL,
  hostname varchar(128) CHARACTER SET ascii NOT NULL DEFAULT '',
  timestamp bigint(20) NOT NULL DEFAULT 0,
  session longblob,
  PRIMARY KEY (sid), KEY timestamp (timestamp), KEY uid (uid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE cache_entity (
  cid varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  data longblob,
  expire bigint(20) NOT NULL DEFAULT 0,
  created decimal(14,3) NOT NULL DEFAULT 0.000,
  serialized smallint(6) NOT NULL DEFAULT 0,
  tags longtext,
  checksum varchar(255) CHARACTER SET ascii NOT NULL,
  PRIMARY KEY (cid), KEY expire (expire), KEY created (created)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO users_field_data (uid, langcode, name, pass, mail, status, created, access, default_langcode) VALUES
  (0, 'en', '', NULL, NULL, 0, 1, 0, 1),
  (5, 'en', 'Ann', @old_hash, 'ann@example.org', 1, 1, 0, 1), (5, 'de', 'Ann', @old_hash, 'ann@example.org', 1, 1, 0, 0),
  (6, 'en', 'Ben', @old_hash, 'ben@example.org', 1, 1, 0, 1), (7, 'en', 'Cas', @old_hash, 'cas@example.org', 0, 1, 0, 1);
INSERT INTO sessions (uid, sid, session) VALUES (0, 's0', ''), (5, 's1', ''), (5, 's2', ''), (6, 's3', '');
INSERT INTO cache_entity (cid, data, checksum) VALUES ('values:user:5', 'O:1', '0'), ('values:user:6', 'O:1', '0'),
  ('values:user:55', 'O:1', '0'), ('values:node:5', 'O:1', '0');
