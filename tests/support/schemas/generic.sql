CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255) UNIQUE, password_hash VARCHAR(255));
INSERT INTO users VALUES (5, 'ann@example.org', @old_hash), (6, 'ben@example.org', @old_hash);
