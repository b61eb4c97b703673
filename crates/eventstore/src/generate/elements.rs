//! The chain of page elements of a click, innermost first.

use super::json::integer;

/// Something that can be clicked: tag, classes (sorted), text, address, identifier.
struct Element {
    tag: &'static str,
    classes: &'static str,
    text: &'static str,
    href: Option<&'static str>,
    id: Option<&'static str>,
}

const CLICKS: [Element; 9] = [
    Element {
        tag: "button",
        classes: "btn btn-primary",
        text: "Create document",
        href: None,
        id: Some("create-document"),
    },
    Element { tag: "button", classes: "btn", text: "Share", href: None, id: None },
    Element { tag: "a", classes: "nav-link", text: "Pricing", href: Some("/pricing"), id: None },
    Element {
        tag: "a",
        classes: "cta nav-link",
        text: "Try it — it’s free",
        href: Some("/signup"),
        id: Some("cta"),
    },
    Element {
        tag: "a",
        classes: "nav-link",
        text: "Documents",
        href: Some("/app/documents"),
        id: None,
    },
    Element { tag: "span", classes: "icon", text: "", href: None, id: None },
    Element {
        tag: "button",
        classes: "btn btn-small",
        text: "Mark as \"done\"",
        href: None,
        id: None,
    },
    Element { tag: "input", classes: "search", text: "", href: None, id: Some("search") },
    Element {
        tag: "button",
        classes: "btn btn-danger",
        text: "Löschen",
        href: None,
        id: Some("delete"),
    },
];

/// The elements around what was clicked.
const AROUND: &str = concat!(
    r#"div.toolbar:attr__class="toolbar"nth-child="2"nth-of-type="1";"#,
    r#"main.content:attr__class="content"attr__id="content"attr_id="content"nth-child="2"nth-of-type="1";"#,
    r#"body:nth-child="2"nth-of-type="1""#
);

/// The text of the element that `choice` picks.
pub(super) fn text(choice: u64) -> &'static str {
    element(choice).text
}

/// Appends the chain of the element that `choice` picks.
pub(super) fn chain(choice: u64, out: &mut Vec<u8>) {
    let element = element(choice);
    out.extend_from_slice(element.tag.as_bytes());
    for class in element.classes.split(' ') {
        out.push(b'.');
        out.extend_from_slice(class.as_bytes());
    }
    out.push(b':');
    attribute(out, "attr__class", element.classes);
    if let Some(href) = element.href {
        attribute(out, "attr__href", href);
    }
    if let Some(id) = element.id {
        attribute(out, "attr__id", id);
        attribute(out, "attr_id", id);
    }
    if let Some(href) = element.href {
        attribute(out, "href", href);
    }
    out.extend_from_slice(b"nth-child=\"");
    integer(out, 1 + (choice >> 32) as i64 % 6);
    out.extend_from_slice(b"\"nth-of-type=\"1\"");
    if !element.text.is_empty() {
        attribute(out, "text", element.text);
    }
    out.push(b';');
    out.extend_from_slice(AROUND.as_bytes());
}

fn element(choice: u64) -> &'static Element {
    &CLICKS[(choice % CLICKS.len() as u64) as usize]
}

fn attribute(out: &mut Vec<u8>, key: &str, value: &str) {
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"=\"");
    for byte in value.bytes() {
        if byte == b'"' {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}
