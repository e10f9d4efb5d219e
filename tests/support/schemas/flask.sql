CREATE TABLE user (
  id INTEGER NOT NULL AUTO_INCREMENT,
  username VARCHAR(64),
  email VARCHAR(120),
  password_hash VARCHAR(128),
  about_me VARCHAR(140),
  last_seen DATETIME,
  PRIMARY KEY (id), UNIQUE INDEX ix_user_email (email), UNIQUE INDEX ix_user_username (username)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO user (id, username, email, password_hash) VALUES
  (5, 'Ann', 'ann@example.org', @old_hash), (6, 'Ben', 'ben@example.org', @old_hash), (7, 'Cas', 'cas@example.org', NULL);
