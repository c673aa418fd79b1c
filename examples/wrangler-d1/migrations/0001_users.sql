-- Migration number: 0001
CREATE TABLE Users (
	id INTEGER PRIMARY KEY,
	email TEXT NOT NULL UNIQUE,
	credits INTEGER NOT NULL DEFAULT 10 CHECK (credits >= 0)
);
INSERT INTO Users (email) VALUES ('user@example.com');
