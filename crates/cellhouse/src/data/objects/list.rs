//! All objects of a class, page by page.

use super::{Refusal, Reply, Work};

/// Objects of one page.
const PAGE: usize = 500;

pub(super) fn run(
    work: &mut Work<'_, '_>,
    prefix: Option<&str>,
    limit: Option<u64>,
) -> Result<(), Refusal> {
    let mut left = limit.unwrap_or(u64::MAX);
    let mut cursor: Option<Vec<u8>> = None;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PAGE).min(PAGE);
        let objects = &work.owner.objects;
        let page = objects.list(&work.namespace, prefix, cursor.as_deref(), most)?;
        left -= (page.objects.len() as u64).min(left);
        let objects = page.objects.iter().map(Into::into).collect();
        work.tell(Reply::Page { objects })?;
        match page.cursor {
            None => break,
            next => cursor = next,
        }
    }
    Ok(())
}
