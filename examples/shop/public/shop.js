// The page: shows products, fills the cart, orders, and waits until the order is confirmed.
const at = (id) => document.getElementById(id);
const api = async (path, options) => {
	const response = await fetch(`/api/${path}`, { headers: { "content-type": "application/json" }, ...options });
	const found = await response.json();
	if (!response.ok) throw new Error(found.error);
	return found;
};
const money = (cents) => (cents / 100).toFixed(2);
const say = (text) => (at("message").textContent = text);

function showCart(items) {
	const count = items.reduce((sum, item) => sum + item.count, 0);
	at("cart").textContent = count === 0 ? "Your cart is empty." : `In your cart: ${count}`;
	at("order").disabled = count === 0;
}

async function showOrders() {
	const orders = await api("orders");
	at("orders").replaceChildren(...orders.map((order) => {
		const line = document.createElement("li");
		line.textContent = `${money(order.cents)}: ${order.state}`;
		return line;
	}));
	return orders;
}

function productCard({ id, name, cents }) {
	const card = document.createElement("article");
	const image = Object.assign(document.createElement("img"), { src: `/images/${id}`, alt: name });
	const title = Object.assign(document.createElement("h2"), { textContent: name });
	const button = Object.assign(document.createElement("button"), { textContent: `Add for ${money(cents)}` });
	button.dataset.product = id;
	button.addEventListener("click", async () => {
		showCart(await api("cart", { method: "POST", body: JSON.stringify({ product: id, count: 1 }) }));
	});
	card.append(image, title, button);
	return card;
}

at("order").addEventListener("click", async () => {
	at("order").disabled = true;
	try {
		const { id } = await api("orders", { method: "POST" });
		showCart([]);
		say("Thank you!");
		const isOpen = ({ state }) => state === "received";
		while ((await showOrders()).some(isOpen)) await new Promise((resolve) => setTimeout(resolve, 200));
		say(await (await fetch(`/api/orders/${id}/receipt`)).text());
	} catch (error) {
		say(error.message);
		showCart(await api("cart"));
	}
});

at("products").append(...(await api("products")).map(productCard));
showCart(await api("cart"));
await showOrders();
