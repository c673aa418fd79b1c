//! Cloudflare's rate limiting binding.

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;

use super::env::EnvTable;
use crate::spec::BindingValue;

/// Whether the call may go on. `limit` is NaN and `period` 0 where the binding's count.
#[op2(fast)]
pub(crate) fn op_rate_limit(
    state: &mut OpState,
    #[smi] index: u32,
    #[string] key: &str,
    limit: f64,
    #[smi] period: u32,
) -> Result<bool, JsErrorBox> {
    match state.borrow::<EnvTable>().get(index) {
        Some(BindingValue::RateLimit(limiter)) => {
            let limit = (!limit.is_nan()).then_some(limit);
            Ok(limiter.count(key, limit, (period > 0).then_some(period)))
        }
        _ => Err(JsErrorBox::type_error("this binding is not a rate limit")),
    }
}
