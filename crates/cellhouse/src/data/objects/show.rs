//! What is known of one object.

use super::{Refusal, Reply, Work};

pub(super) fn run(work: &mut Work<'_, '_>, object: &str) -> Result<(), Refusal> {
    let listed = work.find(object)?;
    let overview = work.open(&listed)?.overview()?;
    work.tell(Reply::Object {
        found: (&listed).into(),
        keys: overview.keys,
        tables: overview.tables,
    })
}
