;;; cursorcore-text.el --- Positions, edits and what of them is shown where  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Nothing here talks to a server or draws.  Positions of the protocol are
;; plists (:line :character), counted in UTF-16 code units; positions of Emacs
;; count characters, and everything here looks at the whole buffer, narrowed
;; or not.
;;
;; An edit (BEG END TEXT) is taken apart into parts, each a piece within
;; a line or whole lines.  Drawing shows the parts and
;; applying makes them true, so that what is seen is what is applied.

;;; Code:

(require 'cl-lib)
(require 'subr-x)

(defconst cursorcore-text-max-pieces 4
  "A changed line is shown as this many pieces at most, else as a whole line.")

(defconst cursorcore-text-max-inline 60
  "A lone line that changes nearly whole is one piece up to this many characters.")

(defconst cursorcore-text--max-table 160000
  "How many pairs of lines or words are compared at most.")

;;; Pieces of ghost text

(defconst cursorcore-text-word "\\`\\(?:\\s-\\|\n\\)*\\(?:\\(?:\\sw\\|\\s_\\)+\\|.\\)"
  "The next word of a text, with the blanks before it.")

(defconst cursorcore-text-line "\\`\n?[^\n]*"
  "A text up to the end of the line; at the end of one, the next line.")

;;; Positions

(defconst cursorcore-text--astral "[\U00010000-\U0010FFFF]"
  "Characters that are two code units in UTF-16.")

(defun cursorcore-text-position (&optional pos)
  "Return POS, by default point, as a position of the protocol."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (or pos (point)))
      (let* ((end (point))
             (bol (progn (forward-line 0) (point)))
             (units (- end bol)))
        (while (re-search-forward cursorcore-text--astral end t)
          (cl-incf units))
        (list :line (1- (line-number-at-pos bol t)) :character units)))))

(defun cursorcore-text-range (beg end)
  "Return the range of the protocol from BEG to END."
  (list :start (cursorcore-text-position beg) :end (cursorcore-text-position end)))

(defun cursorcore-text-point (position)
  "Return the place in the buffer of POSITION, a position of the protocol.
A place after the end of a line or of the buffer is that end."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (point-min))
      (if (and (> (forward-line (plist-get position :line)) 0) (eobp))
          (point-max)
        (let ((bol (point))
              (eol (progn (end-of-line) (point)))
              (units (plist-get position :character)))
          (goto-char bol)
          (if (not (re-search-forward cursorcore-text--astral eol t))
              (min eol (+ bol units))
            (goto-char bol)
            (while (and (> units 0) (< (point) eol))
              (cl-decf units (if (> (following-char) #xFFFF) 2 1))
              (forward-char))
            (point)))))))

(defun cursorcore-text-edit (range text)
  "Return the edit (BEG END TEXT) for TEXT in the place of RANGE."
  (list (cursorcore-text-point (plist-get range :start))
        (cursorcore-text-point (plist-get range :end))
        text))

(defun cursorcore-text-unfit (string)
  "Say why STRING cannot go over the protocol and come back, or return nil."
  (cond ((string-match-p "[^\0-\uD7FF\uE000-\U0010FFFF]" string)
         "it holds bytes that are no text")
        ;; A line end in the protocol, and none in Emacs.
        ((string-match-p "\r\\(?:[^\n]\\|\\'\\)" string)
         "it holds carriage returns inside lines")))

(defun cursorcore-text-line-end ()
  "Return how lines end in the text around point, as characters of the buffer.
A carriage return is one only where the file's lines end in different ways."
  (save-excursion
    (forward-line 0)
    (if (or (and (eq (char-before) ?\n) (eq (char-before (1- (point))) ?\r))
            (progn (end-of-line) (and (not (eobp)) (eq (char-before) ?\r))))
        "\r\n"
      "\n")))

;;; What differs

(defun cursorcore-text--table (a b a-from a-to b-from b-to)
  "Return how long the rest is that A and B have in common, from each pair on.
Looked at are A-FROM to A-TO and B-FROM to B-TO."
  (let* ((rows (- a-to a-from))
         (columns (- b-to b-from))
         (table (make-vector (1+ rows) nil)))
    (aset table rows (make-vector (1+ columns) 0))
    (cl-loop for i from (1- rows) downto 0
             for row = (make-vector (1+ columns) 0)
             for below = (aref table (1+ i)) do
             (aset table i row)
             (cl-loop for j from (1- columns) downto 0 do
                      (aset row j (if (equal (aref a (+ a-from i)) (aref b (+ b-from j)))
                                      (1+ (aref below (1+ j)))
                                    (max (aref below j) (aref row (1+ j)))))))
    table))

(defun cursorcore-text-diff (a b)
  "Return what differs between the vectors A and B.
That is a list of (A-FROM A-TO B-FROM B-TO), in order, for the runs of A that
the runs of B take the place of."
  (let* ((a-to (length a))
         (b-to (length b))
         (from 0)
         hunks)
    (while (and (< from (min a-to b-to)) (equal (aref a from) (aref b from)))
      (cl-incf from))
    (while (and (> (min a-to b-to) from) (equal (aref a (1- a-to)) (aref b (1- b-to))))
      (cl-decf a-to)
      (cl-decf b-to))
    (cond
     ((and (= from a-to) (= from b-to)) nil)
     ((or (= from a-to) (= from b-to)
          (> (* (- a-to from) (- b-to from)) cursorcore-text--max-table))
      (list (list from a-to from b-to)))
     (t
      (let ((table (cursorcore-text--table a b from a-to from b-to))
            (i from)
            (j from))
        (while (or (< i a-to) (< j b-to))
          (if (and (< i a-to) (< j b-to) (equal (aref a i) (aref b j)))
              (setq i (1+ i) j (1+ j))
            (let ((i-from i) (j-from j))
              (while (and (or (< i a-to) (< j b-to))
                          (not (and (< i a-to) (< j b-to) (equal (aref a i) (aref b j)))))
                (if (and (< i a-to)
                         (or (= j b-to)
                             (>= (aref (aref table (- (1+ i) from)) (- j from))
                                 (aref (aref table (- i from)) (- (1+ j) from)))))
                    (cl-incf i)
                  (cl-incf j)))
              (push (list i-from i j-from j) hunks))))
        (nreverse hunks))))))

(defun cursorcore-text--tokens (line)
  "Return the words of LINE, and everything else by the character, as a vector."
  (let ((at 0) tokens)
    (while (and (< at (length line)) (string-match "[[:alnum:]_]+\\|\\(?:.\\|\n\\)" line at))
      (push (match-string 0 line) tokens)
      (setq at (match-end 0)))
    (vconcat (nreverse tokens))))

(defun cursorcore-text--join (tokens from to)
  "Return the TOKENS from FROM to TO as one string."
  (mapconcat #'identity (cl-subseq tokens from to) ""))

(defun cursorcore-text--pieces (bol old new alone)
  "Return the pieces that make the line OLD, which begins at BOL, to NEW.
Return the symbol `whole' where little stays.  ALONE is non-nil where no other
line changes."
  (let* ((a (cursorcore-text--tokens old))
         (b (cursorcore-text--tokens new))
         (place (lambda (index) (length (cursorcore-text--join a 0 index))))
         (changed 0)
         (a-done 0)
         pieces)
    (pcase-dolist (`(,a-from ,a-to ,b-from ,b-to) (cursorcore-text-diff a b))
      (let ((beg (+ bol (funcall place a-from)))
            (end (+ bol (funcall place a-to)))
            (text (cursorcore-text--join b b-from b-to))
            (last (car pieces)))
        (cl-incf changed (- end beg))
        ;; Two changes with one blank or mark between them read better as one.
        (if (and last (<= (- a-from a-done) 1))
            (setcar pieces
                    (list 'piece (nth 1 last) end
                          (concat (nth 3 last) (cursorcore-text--join a a-done a-from) text)))
          (push (list 'piece beg end text) pieces))
        (setq a-done a-to)))
    (let* ((length (length (string-trim old)))
           (little-stays (< (* 4 (- length changed)) length)))
      (if (or (> (length pieces) cursorcore-text-max-pieces)
              (and little-stays
                   (or (not alone) (cdr pieces)
                       (> (+ (length old) (length new)) cursorcore-text-max-inline))))
          'whole
        (nreverse pieces)))))

(defun cursorcore-text--block (bols region-end a-from a-to lines)
  "Return the part with LINES for the lines from A-FROM to A-TO.
BOLS has where each line begins; the last one ends at REGION-END, without its
line break."
  (let ((count (length bols)))
    (cond
     ((< a-to count)
      (list 'block (aref bols a-from) (aref bols a-to)
            (mapconcat (lambda (line) (concat line "\n")) lines "")))
     ((= a-from count)
      (list 'tail region-end region-end (mapconcat (lambda (line) (concat "\n" line)) lines "")))
     ((and (null lines) (> a-from 0))
      (list 'last (1- (aref bols a-from)) region-end ""))
     (t
      (list 'last (aref bols a-from) region-end (string-join lines "\n"))))))

(defun cursorcore-text-parts (edit)
  "Return the parts of EDIT, a list (BEG END TEXT), in the order of the text.
A part is (KIND BEG END TEXT), KIND being `piece', within a line, or, for whole
lines, `block', `last' where the buffer's last line is among them, and `tail'
for new ones behind that.  All parts together make the same text as EDIT; there
are none where it changes nothing."
  (save-excursion
    (save-restriction
      (widen)
      (pcase-let* ((`(,beg ,end ,text) edit)
                   (first (progn (goto-char beg) (forward-line 0) (point)))
                   (last (progn (goto-char end) (end-of-line) (point)))
                   (old (vconcat (split-string (buffer-substring-no-properties first last) "\n")))
                   (new (vconcat (split-string (concat (buffer-substring-no-properties first beg) text
                                                       (buffer-substring-no-properties end last))
                                               "\n")))
                   (bols (let ((at first))
                           (vconcat (mapcar (lambda (line) (prog1 at (cl-incf at (1+ (length line)))))
                                            old))))
                   (hunks (cursorcore-text-diff old new))
                   (parts nil))
        (pcase-dolist (`(,a-from ,a-to ,b-from ,b-to) hunks)
          (let* ((count (- a-to a-from))
                 (alone (and (= count 1) (null (cdr hunks))))
                 (pieces (and (= count (- b-to b-from))
                              (cl-loop for i below count collect
                                       (cursorcore-text--pieces
                                        (aref bols (+ a-from i)) (aref old (+ a-from i))
                                        (aref new (+ b-from i)) alone)))))
            (if (and pieces (not (memq 'whole pieces)))
                (setq parts (nconc parts (apply #'append pieces)))
              (setq parts (nconc parts (list (cursorcore-text--block
                                              bols last a-from a-to
                                              (append (cl-subseq new b-from b-to) nil))))))))
        parts))))

(defun cursorcore-text-put (parts)
  "Make PARTS true, from the last to the first.
Return where the new text of the last one ends, as a marker.  The caller sees
to it that the text is as it was when PARTS were made."
  (let ((end (make-marker)))
    (save-excursion
      (save-restriction
        (widen)
        (pcase-dolist (`(,kind ,from ,to ,text) (reverse parts))
          (goto-char from)
          ;; In front of what goes, so that markers there stay.
          (insert text)
          (unless (marker-position end)
            (set-marker end (if (and (eq kind 'block) (string-suffix-p "\n" text)) (1- (point)) (point))))
          (delete-region (point) (+ (point) (- to from))))))
    end))

;;; Languages

(defconst cursorcore-text--languages
  '(("js" . "javascript") ("js2" . "javascript") ("rjsx" . "javascriptreact") ("js-jsx" . "javascriptreact")
    ("tsx" . "typescriptreact") ("typescript-tsx" . "typescriptreact") ("sh" . "shellscript")
    ("bash" . "shellscript") ("c++" . "cpp") ("csharp" . "csharp") ("objc" . "objective-c")
    ("mhtml" . "html") ("html-erb" . "erb") ("gfm" . "markdown") ("emacs-lisp" . "emacs-lisp")
    ("lisp-interaction" . "emacs-lisp") ("cperl" . "perl") ("makefile-gmake" . "makefile")
    ("text" . "plaintext") ("fundamental" . "plaintext") ("enh-ruby" . "ruby") ("nxml" . "xml")
    ("latex" . "latex") ("LaTeX" . "latex") ("conf-toml" . "toml"))
  "The protocol's names of languages whose modes in Emacs have another name.")

(defun cursorcore-text-language ()
  "Return the protocol's name for the language of the current buffer."
  (or (get major-mode 'eglot-language-id)
      (let ((name (replace-regexp-in-string "\\(?:-ts\\)?-mode\\'" "" (symbol-name major-mode))))
        (or (cdr (assoc name cursorcore-text--languages)) name))))

(provide 'cursorcore-text)
;;; cursorcore-text.el ends here
