// The module "cloudflare:workflows".

(function () {

// Thrown by a step, it fails without being tried again.
class NonRetryableError extends Error {
  constructor(message, name = "NonRetryableError") {
    super(message);
    this.name = name;
  }
}

return { NonRetryableError };
})();
