CREATE TABLE jos_users (
  id int NOT NULL AUTO_INCREMENT,
  name varchar(400) NOT NULL DEFAULT '',
  username varchar(150) NOT NULL DEFAULT '',
  email varchar(100) NOT NULL DEFAULT '',
  password varchar(100) NOT NULL DEFAULT '',
  block tinyint NOT NULL DEFAULT 0,
  sendEmail tinyint DEFAULT 0,
  registerDate datetime NOT NULL,
  lastvisitDate datetime,
  activation varchar(100) NOT NULL DEFAULT '',
  params text NOT NULL,
  lastResetTime datetime,
  resetCount int NOT NULL DEFAULT 0,
  otpKey varchar(1000) NOT NULL DEFAULT '',
  otep varchar(1000) NOT NULL DEFAULT '',
  requireReset tinyint NOT NULL DEFAULT 0,
  PRIMARY KEY (id), KEY idx_name (name(100)), KEY idx_block (block), UNIQUE KEY idx_username (username), KEY email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE jos_session (
  session_id varbinary(192) NOT NULL,
  client_id tinyint unsigned DEFAULT NULL,
  guest tinyint unsigned DEFAULT 1,
  time int NOT NULL DEFAULT 0,
  data mediumtext,
  userid int DEFAULT 0,
  username varchar(150) DEFAULT '',
  PRIMARY KEY (session_id), KEY userid (userid), KEY time (time), KEY client_id_guest (client_id, guest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE jos_user_keys (
  id int unsigned NOT NULL AUTO_INCREMENT,
  user_id varchar(150) NOT NULL,
  token varchar(255) NOT NULL,
  series varchar(191) NOT NULL,
  time varchar(200) NOT NULL,
  uastring varchar(255) NOT NULL,
  PRIMARY KEY (id), UNIQUE KEY series (series), KEY user_id (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO jos_users (id, name, username, email, password, block, registerDate, activation, params, requireReset) VALUES
  (5, 'Ann', 'ann', 'ann@example.org', @old_hash, 0, NOW(), 'a token', '{}', 1),
  (6, 'Ben', 'ben', 'ben@example.org', @old_hash, 0, NOW(), 'a token', '{}', 1),
  (7, 'Cas', 'cas', 'cas@example.org', @old_hash, 1, NOW(), '', '{}', 0);
INSERT INTO jos_session (session_id, guest, userid, username) VALUES ('s0', 1, 0, ''), ('s1', 0, 5, 'ann'), ('s2', 0, 6, 'ben');
INSERT INTO jos_user_keys VALUES (1, 'ann', 't', 'a', '', ''), (2, 'ben', 't', 'b', '', ''), (3, '5', 't', 'c', '', '');
