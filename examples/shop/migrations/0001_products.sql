CREATE TABLE products (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	cents INTEGER NOT NULL CHECK (cents > 0)
);
CREATE TABLE orders (
	id TEXT PRIMARY KEY,
	customer TEXT NOT NULL,
	items TEXT NOT NULL,
	cents INTEGER NOT NULL,
	state TEXT NOT NULL DEFAULT 'received',
	created INTEGER NOT NULL
);
CREATE INDEX orders_by_customer ON orders (customer, created);
INSERT INTO products (name, cents) VALUES ('Teapot', 2400), ('Cup', 900), ('Tea of the house', 650);
