//! The alarm of an object: when it is set for, running it before its time, deleting it.

use cellhouse_objects::Listed;

use super::{Refusal, Reply, Work};

pub(super) fn show(work: &mut Work<'_, '_>, object: &str) -> Result<(), Refusal> {
    let found = (&work.find(object)?).into();
    work.tell(Reply::Found { found })
}

/// Returns when the handler has ended.
pub(super) fn fire(work: &mut Work<'_, '_>, object: &str) -> Result<(), Refusal> {
    let listed = with_alarm(work, object)?;
    let Some(app) = work.owner.app() else {
        return Err(Refusal::Wrong(
            "an alarm is code of the app, which does not run: start it with cellhouse dev, then fire the alarm"
                .to_owned(),
        ));
    };
    let ran = app.run_alarm(work.namespace.address(&listed.id));
    ran.map_err(Refusal::Failed)?;
    // The handler may have deleted all that there was of the object.
    let after = work.owner.objects.find(&work.namespace, &listed.id)?;
    let after = after.unwrap_or(Listed {
        bytes: 0,
        alarm: None,
        ..listed
    });
    let found = (&after).into();
    work.tell(Reply::Found { found })
}

pub(super) fn delete(work: &mut Work<'_, '_>, object: &str) -> Result<(), Refusal> {
    let listed = with_alarm(work, object)?;
    let mut storage = work.open(&listed)?;
    storage.delete_alarm()?;
    storage.flush()?;
    drop(storage);
    let found = (&listed).into();
    work.tell(Reply::Found { found })
}

fn with_alarm(work: &Work<'_, '_>, object: &str) -> Result<Listed, Refusal> {
    let listed = work.find(object)?;
    match listed.alarm {
        Some(_) => Ok(listed),
        None => Err(Refusal::Absent(format!(
            "the object {object} has no alarm set"
        ))),
    }
}
