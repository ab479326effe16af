//! Progress on a terminal: a line on standard error that is gone when the work is done, and nothing where nobody watches.

use indicatif::{ProgressBar, ProgressStyle};
use umbel_store::admin::Progress;

/// A line that shows how far something is.
pub(crate) struct Bar {
    line: ProgressBar,
    /// Whether the whole is known, so that a share of it can be shown.
    measured: bool,
}

impl Bar {
    /// Shows what is being done.
    pub(crate) fn new(doing: &'static str) -> Self {
        let line = ProgressBar::new_spinner().with_message(doing);
        line.set_style(style("{msg} {human_pos}"));
        Self { line, measured: false }
    }

    /// Shows what is being done, where it is counted in bytes.
    pub(crate) fn of_bytes(doing: &'static str) -> Self {
        let bar = Self::new(doing);
        bar.line.set_style(style("{msg} {bytes} {bytes_per_sec}"));
        bar
    }

    /// Shows that it is further by so much.
    pub(crate) fn advance(&self, done: usize) {
        self.line.inc(done as u64);
    }

    /// Shows how far it is.
    pub(crate) fn show(&mut self, progress: Progress) {
        if let Some(total) = progress.total {
            if !std::mem::replace(&mut self.measured, true) {
                self.line.set_style(style("{msg} {wide_bar} {human_pos}/{human_len} {eta}"));
            }
            self.line.set_length(total);
        }
        self.line.set_position(progress.done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
