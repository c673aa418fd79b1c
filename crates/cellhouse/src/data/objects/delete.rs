//! Deleting an object: by the isolate that it lives on, if its app runs here.

use super::{Refusal, Reply, Work};

pub(super) fn run(work: &mut Work<'_, '_>, object: &str) -> Result<(), Refusal> {
    let listed = work.find(object)?;
    let running = work.owner.app();
    match running.and_then(|app| app.delete_object(&work.namespace, &listed.id)) {
        Some(deleted) => drop(deleted.map_err(Refusal::Failed)?),
        None => drop(work.owner.objects.delete(&work.namespace, &listed.id)?),
    }
    let found = (&listed).into();
    work.tell(Reply::Found { found })
}
