CREATE TABLE users (
  uid int(10) unsigned NOT NULL DEFAULT 0,
  name varchar(60) NOT NULL DEFAULT '',
  pass varchar(128) NOT NULL DEFAULT '',
  mail varchar(254) DEFAULT '',
  theme varchar(255) NOT NULL DEFAULT '',
  signature varchar(255) NOT NULL DEFAULT '',
  signature_format varchar(255) DEFAULT NULL,
  created int(11) NOT NULL DEFAULT 0,
  access int(11) NOT NULL DEFAULT 0,
  login int(11) NOT NULL DEFAULT 0,
  status tinyint(4) NOT NULL DEFAULT 0,
  timezone varchar(32) DEFAULT NULL,
  language varchar(12) NOT NULL DEFAULT '',
  picture int(11) NOT NULL DEFAULT 0,
  init varchar(254) DEFAULT '',
  data longblob,
  PRIMARY KEY (uid), UNIQUE KEY name (name), KEY access (access), KEY created (created), KEY mail (mail)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE sessions (
  uid int(10) unsigned NOT NULL,
  sid varchar(128) NOT NULL,
  ssid varchar(128) NOT NULL DEFAULT '',
  hostname varchar(128) NOT NULL DEFAULT '',
  timestamp int(11) NOT NULL DEFAULT 0,
  cache int(11) NOT NULL DEFAULT 0,
  session longblob,
  PRIMARY KEY (sid, ssid), KEY timestamp (timestamp), KEY uid (uid), KEY ssid (ssid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
INSERT INTO users (uid, name, pass, mail, status) VALUES (0, '', '', '', 0), (5, 'Ann', @old_hash, 'ann@example.org', 1),
  (6, 'Ben', @old_hash, 'ben@example.org', 1), (7, 'Cas', @old_hash, 'cas@example.org', 0);
INSERT INTO sessions (uid, sid, session) VALUES (0, 's0', ''), (5, 's1', ''), (5, 's2', ''), (6, 's3', '');
