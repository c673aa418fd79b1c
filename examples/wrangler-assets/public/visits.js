const response = fetch("/api/visits", { method: "POST" });
response.then((answer) => answer.json()).then(({ visits }) => {
  document.getElementById("visits").textContent = visits;
});
