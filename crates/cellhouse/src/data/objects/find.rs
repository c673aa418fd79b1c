//! From what people write to what it stands for: a class, an object.

use cellhouse_objects::{JURISDICTIONS, Listed, Namespace, Namespaces, Storage};

use super::{Owner, Refusal, Work};

/// Digits of an id.
const ID_DIGITS: usize = 64;

/// The namespace of a class.
pub(super) fn namespace(owner: &Owner, app: &str, class: &str) -> Result<Namespace, Refusal> {
    let namespaces = Namespaces::open(&owner.cells, app)?;
    match namespaces.namespace(class)? {
        Some(namespace) => Ok(namespace),
        None => {
            let (classes, _) = namespaces.classes()?;
            let names = classes.into_iter().map(|class| class.name);
            Err(Refusal::NoClass(names.collect()))
        }
    }
}

impl Work<'_, '_> {
    /// The object with this id or name.
    pub(super) fn find(&self, text: &str) -> Result<Listed, Refusal> {
        let by_id = self.namespace.id_from_string(text);
        if let Ok(id) = &by_id {
            let found = self.owner.objects.find(&self.namespace, id)?;
            return found.ok_or_else(|| self.absent("with the id ", text));
        }
        let mut found = self.by_name(text)?;
        match (found.pop(), found.is_empty(), by_id) {
            (Some(only), true, _) => Ok(only),
            (Some(last), false, _) => {
                found.push(last);
                let ids: Vec<String> = found.iter().map(|found| found.id.to_string()).collect();
                Err(Refusal::Wrong(format!(
                    "{} objects are called {text:?}, in different jurisdictions; name one by its id: {}",
                    ids.len(),
                    ids.join(", ")
                )))
            }
            (None, _, Err(error)) if looks_like_id(text) => Err(error.into()),
            (None, ..) => Err(self.absent("called ", &format!("{text:?}"))),
        }
    }

    /// The storage of an object, in turn with the object itself.
    pub(super) fn open(&self, listed: &Listed) -> Result<Storage, Refusal> {
        Ok(self.owner.objects.storage(&self.namespace, &listed.id)?)
    }

    /// The objects of this name, which is another object in each jurisdiction.
    fn by_name(&self, name: &str) -> Result<Vec<Listed>, Refusal> {
        let mut found = Vec::new();
        let mut look_in = |namespace: &Namespace| -> Result<(), Refusal> {
            let id = namespace.id_from_name(name);
            found.extend(self.owner.objects.find(namespace, &id)?);
            Ok(())
        };
        look_in(&self.namespace)?;
        for jurisdiction in JURISDICTIONS {
            look_in(&self.namespace.jurisdiction(jurisdiction)?)?;
        }
        Ok(found)
    }

    fn absent(&self, how: &str, text: &str) -> Refusal {
        Refusal::Absent(format!(
            "{} has no object {how}{text} that has stored anything",
            self.class
        ))
    }
}

fn looks_like_id(text: &str) -> bool {
    text.len() == ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
