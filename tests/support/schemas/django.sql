CREATE TABLE auth_user (
  id int(11) NOT NULL AUTO_INCREMENT,
  password varchar(128) NOT NULL,
  last_login datetime(6) DEFAULT NULL,
  is_superuser tinyint(1) NOT NULL,
  username varchar(150) NOT NULL,
  first_name varchar(150) NOT NULL,
  last_name varchar(150) NOT NULL,
  email varchar(254) NOT NULL,
  is_staff tinyint(1) NOT NULL,
  is_active tinyint(1) NOT NULL,
  date_joined datetime(6) NOT NULL,
  PRIMARY KEY (id), UNIQUE KEY username (username)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO auth_user VALUES
  (5, @old_hash, NOW(6), 1, 'Ann', '', '', 'ann@example.org', 1, 1, NOW(6)),
  (6, @old_hash, NOW(6), 0, 'Ben', '', '', 'ben@example.org', 0, 1, NOW(6)),
  (7, @old_hash, NOW(6), 0, 'Cas', '', '', 'cas@example.org', 0, 0, NOW(6)),
  (8, '!wNnJdB9bqIjzmDkq2wxXJJ0BhZVn1lyAHRPVZbh8', NOW(6), 0, 'Dan', '', '', 'dan@example.org', 0, 1, NOW(6));
