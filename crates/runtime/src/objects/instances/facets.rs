//! Facets among the objects of an isolate: where their object is, and gone with it.

use std::collections::HashMap;
use std::rc::Rc;

use cellhouse_objects::Address;

use super::super::Target;
use super::{Instances, Kept, Slot, Stay};
use crate::sockets::{GOING_AWAY, INTERNAL_ERROR};

impl Instances {
    /// Makes a place for a facet that is none of those here. False: its object is elsewhere, where alone its storage
    /// may be used.
    pub(super) fn admit(&self, target: &Target, stays: &mut HashMap<Address, Stay>) -> bool {
        let Some(facet) = &target.facet else {
            return true;
        };
        if stays.contains_key(&target.address) {
            return true;
        }
        if !stays.contains_key(&facet.root) {
            return false;
        }
        *self.0.facets.borrow_mut().entry(facet.root).or_default() += 1;
        let stay = stays.entry(target.address).or_default();
        stay.root = Some(facet.root);
        true
    }

    pub(super) fn hold_parent(&self, target: &Target) -> Option<Rc<Slot>> {
        let facet = target.facet.as_ref()?;
        let number = self.0.stays.borrow().get(&facet.parent)?.slot?;
        let parent = self.get(number)?;
        parent.hold();
        Some(parent)
    }

    /// Whether a facet has an instance or hibernating sockets.
    pub(crate) fn has_facet(&self, address: &Address) -> bool {
        let stays = self.0.stays.borrow();
        let stay = stays.get(address);
        stay.is_some_and(|stay| stay.slot.is_some() || !stay.kept.sockets.is_empty())
    }

    /// Closes the sockets of a facet, which starts anew if it starts again.
    pub(crate) fn end_facet(&self, address: &Address) {
        let mut stays = self.0.stays.borrow_mut();
        if let Some(stay) = stays.get_mut(address) {
            let kept = std::mem::take(&mut stay.kept);
            drop(stays);
            kept.sockets.end_all(INTERNAL_ERROR, "the facet has ended");
        }
    }

    /// The same of all facets of an object that is deleted.
    pub(crate) fn end_facets(&self, root: &Address) {
        let mut stays = self.0.stays.borrow_mut();
        let its = stays.values_mut().filter(|stay| stay.root == Some(*root));
        let kept: Vec<Rc<Kept>> = its.map(|stay| std::mem::take(&mut stay.kept)).collect();
        drop(stays);
        for kept in kept {
            kept.sockets.end_all(GOING_AWAY, "the object was deleted");
        }
    }

    /// Whether facets of it are here.
    pub(super) fn has_facets(&self, root: &Address) -> bool {
        self.0.facets.borrow().contains_key(root)
    }

    /// The stay is none any more.
    pub(super) fn left(&self, stay: &Stay) {
        let Some(root) = &stay.root else { return };
        let mut facets = self.0.facets.borrow_mut();
        if let Some(count) = facets.get_mut(root) {
            *count -= 1;
            if *count == 0 {
                facets.remove(root);
            }
        }
    }
}
