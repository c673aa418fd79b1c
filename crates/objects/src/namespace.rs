//! A namespace: the objects of one class of one app, known by a unique key that stays when the class
//! gets another name. Makes ids and refuses those of other namespaces.

use std::sync::Arc;

use cellhouse_cell::Entropy;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::address::TAG;
use crate::id::{BASE, LENGTH, from_hex};
use crate::{Address, Error, ObjectId};

/// The places that objects may be bound to. On one machine they are all here; the ids differ.
pub const JURISDICTIONS: &[&str] = &["eu", "fedramp", "us"];

type Key = [u8; 32];

/// A namespace of objects. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Namespace {
    unique_key: Arc<str>,
    /// Of the namespace itself, whatever the jurisdiction.
    base: Key,
    /// What new ids are made with.
    key: Key,
    jurisdiction: Option<&'static str>,
}

impl Namespace {
    /// The namespace with this unique key: see [`crate::Namespaces`] for that of a class.
    pub fn new(unique_key: &str) -> Namespace {
        let base: Key = Sha256::digest(unique_key.as_bytes()).into();
        Namespace {
            unique_key: unique_key.into(),
            base,
            key: base,
            jurisdiction: None,
        }
    }

    /// Its unique key.
    pub fn unique_key(&self) -> &str {
        &self.unique_key
    }

    /// The part of the namespace whose objects belong to a jurisdiction: only ids of that are valid
    /// there.
    pub fn jurisdiction(&self, name: &str) -> Result<Namespace, Error> {
        let known = JURISDICTIONS.iter().find(|known| **known == name);
        let name = known.ok_or_else(|| {
            let known = JURISDICTIONS.join("\", \"");
            Error::type_error(format!(
                "Invalid jurisdiction \"{name}\": must be one of \"{known}\"."
            ))
        })?;
        Ok(Namespace {
            key: jurisdiction_key(&self.base, name),
            jurisdiction: Some(name),
            ..self.clone()
        })
    }

    /// The id of a name: always the same one.
    pub fn id_from_name(&self, name: &str) -> ObjectId {
        let mut base = [0; BASE];
        base.copy_from_slice(&mac(&self.key, name.as_bytes())[..BASE]);
        ObjectId::new(signed(&self.key, base), Some(name.into()))
    }

    /// An id that never was.
    pub fn unique_id(&self, entropy: &dyn Entropy) -> Result<ObjectId, Error> {
        let mut base = [0; BASE];
        let filled = entropy.fill(&mut base);
        filled.map_err(|e| Error::storage(format!("cannot make up an id: {e}")))?;
        Ok(ObjectId::new(signed(&self.key, base), None))
    }

    /// The id with these 64 hexadecimal digits, without a name. Ids of other namespaces are
    /// refused.
    pub fn id_from_string(&self, text: &str) -> Result<ObjectId, Error> {
        let bytes = from_hex(text)
            .ok_or_else(|| Error::type_error("Invalid Durable Object ID: must be 64 hex digits"))?;
        match self.made(&bytes) {
            true => Ok(ObjectId::new(bytes, None)),
            false => Err(Error::type_error(
                "Durable Object ID is not valid for this namespace.",
            )),
        }
    }

    /// Whether the id is one of this namespace.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.made(id.bytes())
    }

    fn made(&self, bytes: &[u8; LENGTH]) -> bool {
        let mut base = [0; BASE];
        base.copy_from_slice(&bytes[..BASE]);
        let by = |key: &Key| signed(key, base) == *bytes;
        let elsewhere = || {
            let mut keys = JURISDICTIONS
                .iter()
                .map(|name| jurisdiction_key(&self.base, name));
            keys.any(|key| by(&key))
        };
        by(&self.key) || (self.jurisdiction.is_none() && elsewhere())
    }

    /// Where an object of it is.
    pub fn address(&self, id: &ObjectId) -> Address {
        Address::new(self.tag(), *id.bytes())
    }

    /// The id of an object of this namespace, without a name; `None` when it is of another one.
    pub fn id_at(&self, address: &Address) -> Option<ObjectId> {
        (address.namespace() == self.tag()).then(|| ObjectId::new(address.id(), None))
    }

    /// Stands for the namespace in the store, for the addresses of its objects.
    pub fn tag(&self) -> [u8; TAG] {
        let mut tag = [0; TAG];
        tag.copy_from_slice(&self.base[..TAG]);
        tag
    }
}

fn jurisdiction_key(base: &Key, name: &str) -> Key {
    mac(base, format!("jurisdiction:{name}").as_bytes())
}

fn signed(key: &Key, base: [u8; BASE]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes[..BASE].copy_from_slice(&base);
    bytes[BASE..].copy_from_slice(&mac(key, &base)[..BASE]);
    bytes
}

fn mac(key: &Key, text: &[u8]) -> Key {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use cellhouse_cell::RealEntropy;

    use super::*;

    fn texts(error: Result<ObjectId, Error>) -> String {
        error.unwrap_err().to_string()
    }

    #[test]
    fn ids_are_those_of_workerd() {
        // In Python: hmac.digest(key, b"hello", "sha256")[:16], and as much of the same over that,
        // with key = sha256(b"app-Counter").digest().
        let id = Namespace::new("app-Counter").id_from_name("hello");
        assert_eq!(
            id.to_string(),
            "9bb5284efba627de5217a8c38967d7c8a48e3a30aa4456ec96136e73128dfa7a"
        );
        assert_eq!(id.name().unwrap().as_ref(), "hello");
    }

    #[test]
    fn an_id_comes_back_from_its_text_without_a_name() {
        let here = Namespace::new("app-Counter");
        let id = here.id_from_name("日本");
        let again = here.id_from_string(&id.to_string().to_uppercase()).unwrap();
        assert_eq!(id, again);
        assert_eq!(again.name(), None);
        let unique = here.unique_id(&RealEntropy).unwrap();
        assert_eq!(here.id_from_string(&unique.to_string()).unwrap(), unique);
        assert_ne!(unique, here.unique_id(&RealEntropy).unwrap());
    }

    #[test]
    fn foreign_ids_are_refused() {
        let (here, there) = (Namespace::new("a"), Namespace::new("b"));
        let id = there.id_from_name("x");
        assert!(!here.contains(&id) && id != here.id_from_name("x"));
        assert_eq!(
            texts(here.id_from_string(&id.to_string())),
            "Durable Object ID is not valid for this namespace."
        );
        for bad in ["", "0", &"g".repeat(64), &"é".repeat(32), &"0".repeat(65)] {
            assert_eq!(
                texts(here.id_from_string(bad)),
                "Invalid Durable Object ID: must be 64 hex digits"
            );
        }
    }

    #[test]
    fn a_jurisdiction_is_a_part_of_its_namespace() {
        let all = Namespace::new("a");
        let (eu, us) = (
            all.jurisdiction("eu").unwrap(),
            all.jurisdiction("us").unwrap(),
        );
        let id = eu.id_from_name("x");
        assert_ne!(id, all.id_from_name("x"));
        assert!(all.contains(&id) && eu.contains(&id) && !us.contains(&id));
        assert!(!eu.contains(&all.id_from_name("x")));
        assert_eq!(all.address(&id), eu.address(&id));
        assert_eq!(all.id_at(&eu.address(&id)), Some(id));
        assert_eq!(
            Namespace::new("b").id_at(&all.address(&all.id_from_name("x"))),
            None
        );
        assert!(all.jurisdiction("mars").is_err());
    }
}
