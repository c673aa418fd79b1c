//! Conditions on the object that is there, as RFC 7232 has them and R2 decides them: a condition on the etag
//! wins over one on the time.

/// One etag of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EtagCondition {
    /// `*`: any object.
    Any,
    /// Without its quotes.
    Strong(String),
    /// Without `W/` and its quotes.
    Weak(String),
}

/// Under which conditions a get gives a body and a put stores one. None of them set: under any.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// Its etag is one of these.
    pub etag_matches: Option<Vec<EtagCondition>>,
    /// Its etag is none of these; that there is no object counts too.
    pub etag_does_not_match: Option<Vec<EtagCondition>>,
    /// In milliseconds since 1970.
    pub uploaded_before: Option<f64>,
    /// In milliseconds since 1970.
    pub uploaded_after: Option<f64>,
    /// Times are compared in whole seconds, as HTTP writes them.
    pub seconds_granularity: bool,
}

impl Conditions {
    /// Whether they hold for the object with that etag and time, or for none.
    pub fn hold(&self, present: Option<(&str, i64)>) -> bool {
        let Some((etag, uploaded)) = present else {
            return self.etag_matches.is_none() && self.uploaded_after.is_none();
        };
        let matches = self
            .etag_matches
            .as_deref()
            .map(|tags| includes(tags, etag, false));
        let differs = self
            .etag_does_not_match
            .as_deref()
            .map(|tags| !includes(tags, etag, true));
        let uploaded = self.granular(uploaded as f64);
        let after = self
            .uploaded_after
            .is_none_or(|time| self.granular(time) < uploaded);
        let before = self
            .uploaded_before
            .is_none_or(|time| uploaded < self.granular(time));
        matches != Some(false)
            && differs != Some(false)
            && (after || differs == Some(true))
            && (before || matches == Some(true))
    }

    fn granular(&self, ms: f64) -> f64 {
        match self.seconds_granularity {
            true => (ms / 1000.0).floor() * 1000.0,
            false => ms,
        }
    }
}

fn includes(tags: &[EtagCondition], etag: &str, weakly: bool) -> bool {
    tags.iter().any(|tag| match tag {
        EtagCondition::Any => true,
        EtagCondition::Strong(value) => value == etag,
        EtagCondition::Weak(value) => weakly && value == etag,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strong(value: &str) -> Option<Vec<EtagCondition>> {
        Some(vec![EtagCondition::Strong(value.to_owned())])
    }

    #[test]
    fn conditions_on_an_object() {
        let object = Some(("e", 1_500));
        let hold = |conditions: Conditions| conditions.hold(object);
        let none = Conditions::default;
        assert!(hold(none()));
        assert!(hold(Conditions {
            etag_matches: strong("e"),
            ..none()
        }));
        assert!(!hold(Conditions {
            etag_matches: strong("f"),
            ..none()
        }));
        assert!(!hold(Conditions {
            etag_does_not_match: strong("e"),
            ..none()
        }));
        assert!(hold(Conditions {
            etag_does_not_match: strong("f"),
            ..none()
        }));
        assert!(hold(Conditions {
            uploaded_before: Some(1_501.0),
            ..none()
        }));
        assert!(!hold(Conditions {
            uploaded_before: Some(1_500.0),
            ..none()
        }));
        assert!(!hold(Conditions {
            uploaded_after: Some(1_500.0),
            ..none()
        }));
        let whole = Conditions {
            uploaded_after: Some(1_000.0),
            seconds_granularity: true,
            ..none()
        };
        assert!(!hold(whole), "both are the second 1");
    }

    #[test]
    fn the_etag_wins_over_the_time() {
        let object = Some(("e", 1_500));
        let matches = Conditions {
            etag_matches: strong("e"),
            uploaded_before: Some(0.0),
            ..Conditions::default()
        };
        assert!(matches.hold(object));
        let differs = Conditions {
            etag_does_not_match: strong("f"),
            uploaded_after: Some(9e9),
            ..Conditions::default()
        };
        assert!(differs.hold(object));
    }

    #[test]
    fn weak_etags_match_weakly_only() {
        let weak = Some(vec![EtagCondition::Weak("e".to_owned())]);
        let matches = Conditions {
            etag_matches: weak.clone(),
            ..Conditions::default()
        };
        assert!(!matches.hold(Some(("e", 0))));
        let differs = Conditions {
            etag_does_not_match: weak,
            ..Conditions::default()
        };
        assert!(!differs.hold(Some(("e", 0))));
    }

    #[test]
    fn conditions_where_there_is_no_object() {
        let any = Some(vec![EtagCondition::Any]);
        assert!(
            !Conditions {
                etag_matches: any.clone(),
                ..Conditions::default()
            }
            .hold(None)
        );
        assert!(
            Conditions {
                etag_does_not_match: any,
                ..Conditions::default()
            }
            .hold(None)
        );
        assert!(
            !Conditions {
                uploaded_after: Some(0.0),
                ..Conditions::default()
            }
            .hold(None)
        );
        assert!(
            Conditions {
                uploaded_before: Some(0.0),
                ..Conditions::default()
            }
            .hold(None)
        );
    }
}
