;;; cursorcore-show.el --- Overlays for what is offered  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Ghost text, and the parts of an edit (see cursorcore-text.el) as overlays.

;;; Code:

(require 'cl-lib)
(require 'cursorcore-text)
(require 'cursorcore-server)

(defface cursorcore-ghost '((t :inherit shadow))
  "Text that is predicted at the cursor.")

(defface cursorcore-add
  '((((class color) (min-colors 88) (background light)) :background "#d4f4d4" :extend t)
    (((class color) (min-colors 88) (background dark)) :background "#1e4d2b" :extend t)
    (((class color)) :foreground "green")
    (t :underline t))
  "Text that a predicted edit puts in.")

(defface cursorcore-delete
  '((((class color) (min-colors 88) (background light)) :background "#f8d7d7" :strike-through t :extend t)
    (((class color) (min-colors 88) (background dark)) :background "#5a2a2a" :strike-through t :extend t)
    (((class color)) :foreground "red" :strike-through t)
    (t :strike-through t :inverse-video t))
  "Text that a predicted edit takes away.")

(defun cursorcore-show--overlay (beg end)
  "Return an overlay of ours from BEG to END."
  (let ((overlay (make-overlay beg end nil t nil)))
    (overlay-put overlay 'category 'cursorcore)
    (overlay-put overlay 'priority 200)
    overlay))

(defun cursorcore-show--string (text face)
  "Return TEXT in FACE, to stand behind the cursor where that is at the same place."
  (let ((string (propertize text 'face face)))
    (add-text-properties 0 1 '(cursor 1) string)
    string))

(defun cursorcore-show-ghost (pos text)
  "Show TEXT at POS as ghost text; return the overlay."
  (let ((overlay (cursorcore-show--overlay pos pos)))
    (overlay-put overlay 'window (selected-window))
    (overlay-put overlay 'after-string (cursorcore-show--string text 'cursorcore-ghost))
    overlay))

(defun cursorcore-show--lines (kind beg end text)
  "Show that the lines from BEG to END become TEXT; return the overlays.
KIND is that of the part."
  (let* ((added (not (equal text "")))
         (removed (> end beg))
         (lines (if (eq kind 'block) (string-remove-suffix "\n" text) text))
         (above (cond ((and removed (eq (char-before end) ?\n)) (1- end))
                      ((or removed (eq kind 'tail)) end)
                      ((> beg (point-min)) (1- beg))))
         overlays)
    (when removed
      (let ((overlay (cursorcore-show--overlay beg end)))
        (overlay-put overlay 'face 'cursorcore-delete)
        (push overlay overlays)))
    (when added
      (let ((overlay (cursorcore-show--overlay (or above beg) (or above beg))))
        (if above
            (overlay-put overlay 'after-string
                         (cursorcore-show--string (if (eq kind 'tail) lines (concat "\n" lines)) 'cursorcore-add))
          (overlay-put overlay 'before-string (propertize (concat lines "\n") 'face 'cursorcore-add)))
        (push overlay overlays)))
    overlays))

(defun cursorcore-show--piece (beg end text)
  "Show that the text from BEG to END becomes TEXT; return the overlays."
  (let ((overlay (cursorcore-show--overlay beg end)))
    (when (> end beg) (overlay-put overlay 'face 'cursorcore-delete))
    (unless (equal text "")
      (overlay-put overlay 'after-string (cursorcore-show--string text 'cursorcore-add)))
    (list overlay)))

(defun cursorcore-show-parts (parts)
  "Show what PARTS change; return the overlays."
  (save-restriction
    (widen)
    (cl-loop for (kind beg end text) in parts
             append (if (eq kind 'piece)
                        (cursorcore-show--piece beg end text)
                      (cursorcore-show--lines kind beg end text)))))

(defun cursorcore-show-hide (overlays)
  "Take down OVERLAYS."
  (mapc #'delete-overlay overlays))

(defun cursorcore-show-visible-p (pos)
  "Return non-nil if POS can be seen in the selected window."
  (and (<= (point-min) pos (point-max))
       (not (invisible-p pos))
       (pos-visible-in-window-p pos)
       (or (not (or truncate-lines (truncated-partial-width-window-p)))
           (let ((column (save-excursion (goto-char pos) (current-column))))
             (<= (window-hscroll) column (+ (window-hscroll) (window-body-width) -2))))))

(defun cursorcore-show-go (pos)
  "Put point at POS, where it can be seen, and leave a mark where it was."
  (push-mark nil t)
  (unless (<= (point-min) pos (point-max)) (widen))
  (goto-char pos)
  (dolist (overlay (overlays-at pos))
    (let ((open (overlay-get overlay 'isearch-open-invisible)))
      (when (and open (invisible-p pos)) (funcall open overlay))))
  (unless (pos-visible-in-window-p pos) (recenter)))

(provide 'cursorcore-show)
;;; cursorcore-show.el ends here
