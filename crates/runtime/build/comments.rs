//! Takes comments out of scripts: each isolate keeps the text of what it has loaded. Only those that stand on
//! lines of their own, which leaves no doubt what is one; the lines stay, so that positions in stacks do.

/// The script without its comments.
pub fn without_comments(script: &str) -> String {
    let mut left = String::with_capacity(script.len());
    let mut place = Place::Code;
    for line in script.lines() {
        let (keep, next) = place.line(line);
        if keep {
            left.push_str(line.trim_end());
        }
        left.push('\n');
        place = next;
    }
    left
}

/// Where a line begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Code,
    Comment,
    /// In a template literal, whose lines are values. What looks like the beginning of one within a comment,
    /// a string or a regular expression only makes comments stay.
    Template,
}

impl Place {
    /// Whether a line is kept, and where the next one begins.
    fn line(self, line: &str) -> (bool, Place) {
        let text = line.trim();
        let ends_comment = text.ends_with("*/") && text.matches("*/").count() == 1;
        match self {
            Place::Comment if ends_comment => (false, Place::Code),
            Place::Comment => {
                assert!(!text.contains("*/"), "code behind a comment: {line}");
                (false, Place::Comment)
            }
            Place::Code if text.starts_with("//") => (false, Place::Code),
            Place::Code if text.starts_with("/*") && ends_comment => (false, Place::Code),
            Place::Code if text.starts_with("/*") && !text.contains("*/") => {
                (false, Place::Comment)
            }
            Place::Code | Place::Template => {
                let ticks = text.replace("\\`", "").matches('`').count();
                let is_template = (self == Place::Template) != (ticks % 2 == 1);
                let next = if is_template {
                    Place::Template
                } else {
                    Place::Code
                };
                (true, next)
            }
        }
    }
}
