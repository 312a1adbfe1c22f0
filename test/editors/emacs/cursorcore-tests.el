;;; cursorcore-tests.el --- Tests of the Emacs client, against the built server  -*- lexical-binding: t; -*-

;; Run by emacsPackage.test.ts, with the package on `load-path'.

;;; Code:

(require 'ert)
(require 'cl-lib)
(require 'cursorcore)

(defvar cursorcore-tests-random (cl-make-random-state 12) "Random, and the same each time.")

(defun cursorcore-tests-random (limit) "A number below LIMIT."
       (cl-random limit cursorcore-tests-random))

(defun cursorcore-tests-pick (list) "One of LIST."
       (nth (cursorcore-tests-random (length list)) list))

(defun cursorcore-tests-text (lines)
  "A text of up to LINES lines."
  (mapconcat (lambda (_)
               (mapconcat (lambda (_) (cursorcore-tests-pick '("foo" "bar" "größe" "日本" "👍🏽" "(" ")" " " ", " "=" "x" "\t")))
                          (make-list (cursorcore-tests-random 6) nil) ""))
             (make-list (1+ (cursorcore-tests-random lines)) nil) "\n"))

(defun cursorcore-tests-units (string) "How long STRING is in UTF-16."
       (/ (length (encode-coding-string string 'utf-16le)) 2))

;;; Positions and parts

(ert-deftest cursorcore-tests-positions ()
  "Positions count UTF-16 code units, and come back to the same place."
  (dotimes (_ 60)
    (with-temp-buffer
      (insert (cursorcore-tests-text 6))
      (cl-loop for pos from (point-min) to (point-max) do
               (goto-char pos)
               (let ((position (cursorcore-text-position pos)))
                 (should (= (plist-get position :line) (1- (line-number-at-pos))))
                 (should (= (plist-get position :character)
                            (cursorcore-tests-units (buffer-substring (line-beginning-position) pos))))
                 (should (= pos (cursorcore-text-point position)))))
      (should (= (point-max) (cursorcore-text-point '(:line 99 :character 3))))
      (should (= (save-excursion (goto-char (point-min)) (line-end-position))
                 (cursorcore-text-point '(:line 0 :character 9999)))))))

(ert-deftest cursorcore-tests-positions-narrowed ()
  "A narrowed buffer is one text all the same."
  (with-temp-buffer
    (insert "one\ntwo\nthree\n")
    (narrow-to-region 5 8)
    (should (equal (cursorcore-text-position 6) '(:line 1 :character 1)))
    (should (= (cursorcore-text-point '(:line 2 :character 1)) 10))))

(defun cursorcore-tests-shown ()
  "The text as the overlays of ours show it."
  (let ((pieces nil)
        (hidden (lambda (pos) (cl-some (lambda (overlay) (eq (overlay-get overlay 'face) 'cursorcore-delete))
                                       (overlays-at pos)))))
    (cl-loop for pos from (point-min) to (point-max)
             for ending = (cl-remove-if-not
                           (lambda (overlay) (= (overlay-end overlay) pos))
                           (overlays-in (max (point-min) (1- pos)) (min (point-max) (1+ pos))))
             for starting = (cl-remove-if-not
                             (lambda (overlay) (= (overlay-start overlay) pos))
                             (overlays-in pos (min (point-max) (1+ pos)))) do
             (dolist (overlay starting) (push (or (overlay-get overlay 'before-string) "") pieces))
             (dolist (overlay ending) (push (or (overlay-get overlay 'after-string) "") pieces))
             ;; Lines that go leave their line breaks on the screen.
             (when (and (< pos (point-max)) (or (eq (char-after pos) ?\n) (not (funcall hidden pos))))
               (push (char-to-string (char-after pos)) pieces)))
    (substring-no-properties (apply #'concat (nreverse pieces)))))

(ert-deftest cursorcore-tests-parts ()
  "What is shown is what is applied, and that is the edit; one undo takes it back."
  (dotimes (run 400)
    (with-temp-buffer
      (buffer-enable-undo)
      (insert (cursorcore-tests-text 7))
      (let* ((before (buffer-string))
             (a (1+ (cursorcore-tests-random (point-max))))
             (b (1+ (cursorcore-tests-random (point-max))))
             (beg (min a b)) (end (max a b))
             (text (if (= 0 (cursorcore-tests-random 4)) "" (cursorcore-tests-text 4)))
             (expected (concat (substring before 0 (1- beg)) text (substring before (1- end))))
             (parts (cursorcore-text-parts (list beg end text)))
             (overlays (cursorcore-show-parts parts)))
        (ert-info ((format "run %d: %S" run (list before beg end text parts)))
          ;; A new line at a text's end is drawn as a block, without telling what ends it.
          (should (equal (string-trim (replace-regexp-in-string "[ \t]*\n+" "\n" (cursorcore-tests-shown)))
                         (string-trim (replace-regexp-in-string "[ \t]*\n+" "\n" expected))))
          (cursorcore-show-hide overlays)
          (undo-boundary)
          (cursorcore-text-put parts)
          (undo-boundary)
          (should (equal (buffer-string) expected))
          (when parts
            (setq last-command nil)
            (undo)
            (should (equal (buffer-string) before))))))))

;;; In step with the server

(defun cursorcore-tests-apply (text change)
  "TEXT after CHANGE, computed from UTF-16."
  (let ((range (plist-get change :range)))
    (if (not range)
        (plist-get change :text)
      (let* ((lines (split-string text "\n"))
             (offset (lambda (position)
                       (+ (cl-loop for line in lines repeat (plist-get position :line) sum (1+ (length line)))
                          (length (decode-coding-string
                                   (substring (encode-coding-string (nth (plist-get position :line) lines) 'utf-16le)
                                              0 (* 2 (plist-get position :character)))
                                   'utf-16le))))))
        (concat (substring text 0 (funcall offset (plist-get range :start)))
                (plist-get change :text)
                (substring text (funcall offset (plist-get range :end))))))))

(defmacro cursorcore-tests-following (text &rest body)
  "Run BODY in a buffer of TEXT, what is sent being followed in variable `copy'."
  (declare (indent 1))
  `(with-temp-buffer
     (buffer-enable-undo)
     (insert ,text)
     (let ((copy (buffer-string)) (sent 0))
       (ignore sent)
       (cl-letf (((symbol-function 'cursorcore-server-notify)
                  (lambda (method params)
                    (when (eq method :textDocument/didChange)
                      (cl-incf sent)
                      (seq-doseq (change (plist-get params :contentChanges))
                        (setq copy (cursorcore-tests-apply copy change)))))))
         (setq cursorcore-server-uri "untitled:test"
               cursorcore-server--tick (buffer-chars-modified-tick))
         (add-hook 'before-change-functions #'cursorcore-server-before-change nil t)
         (add-hook 'after-change-functions #'cursorcore-server-after-change nil t)
         ,@body))))

(ert-deftest cursorcore-tests-sync ()
  "Whatever changes the text, what was sent makes the same text."
  (dotimes (_ 40)
    (cursorcore-tests-following (cursorcore-tests-text 8)
      (dotimes (_ 12)
        (let* ((a (1+ (cursorcore-tests-random (point-max)))) (b (1+ (cursorcore-tests-random (point-max))))
               (beg (min a b)) (end (max a b)))
          (goto-char beg)
          (ignore-errors
            (pcase (cursorcore-tests-random 11)
              (0 (insert (cursorcore-tests-text 2)))
              (1 (delete-region beg end))
              (2 (upcase-region beg end))
              (3 (transpose-lines 1))
              (4 (undo-boundary) (undo))
              (5 (let ((inhibit-modification-hooks t)) (insert "unseen 👍")))
              (6 (subst-char-in-region beg end ?o ?0))
              (7 (perform-replace "foo" "größer" nil nil nil nil nil beg end))
              (8 (sort-lines nil beg end))
              (9 (combine-change-calls beg end (delete-region beg end) (insert "new")))
              (10 (untabify beg end)))))
        (when (= 0 (cursorcore-tests-random 2))
          (cursorcore-server-flush)
          (should (equal copy (buffer-string)))))
      (cursorcore-server-flush)
      (should (equal copy (buffer-string)))
      (setq sent 0)
      (cursorcore-server-flush)
      (should (= sent 0)))))

(ert-deftest cursorcore-tests-sync-one-change ()
  "An edit of several parts, and text put in the place of other text, is one change."
  (cursorcore-tests-following "one two three two\n"
    (goto-char 5)
    (delete-region 5 8)
    (insert "2")
    (should (equal cursorcore-server--changes
                   '((:range (:start (:line 0 :character 4) :end (:line 0 :character 7)) :text "2"))))
    (cursorcore-server-flush)
    (cursorcore-server-put (cursorcore-text-parts (list 1 16 "1 2 3 2")))
    (should (= 1 (length cursorcore-server--changes)))
    (cursorcore-server-flush)
    (should (equal copy (buffer-string)))))

(ert-deftest cursorcore-tests-unfit ()
  "Text that the protocol cannot carry is not sent, and it is said why."
  (should-not (cursorcore-text-unfit "größe 👍\r\nline\n"))
  (should (string-match-p "bytes" (cursorcore-text-unfit (string ?a (unibyte-char-to-multibyte #xff)))))
  (should (string-match-p "carriage" (cursorcore-text-unfit "a\rb")))
  (cursorcore-tests-following "one\n"
    (insert "a\rb")
    (should-not cursorcore-server-uri)
    (should (string-match-p "carriage" cursorcore-server-unserved))))

(ert-deftest cursorcore-tests-names ()
  "Files and languages have the protocol's names."
  (should (equal (cursorcore-server--file-uri "/tmp/a b/größe#1.js") "file:///tmp/a%20b/gr%C3%B6%C3%9Fe%231.js"))
  (dolist (pair '((js-mode . "javascript") (python-ts-mode . "python") (c++-mode . "cpp") (sh-mode . "shellscript")
                  (emacs-lisp-mode . "emacs-lisp") (go-ts-mode . "go") (tsx-ts-mode . "typescriptreact")))
    (let ((major-mode (car pair))) (should (equal (cursorcore-text-language) (cdr pair))))))

;;; With the server

(ert-deftest cursorcore-tests-remote ()
  "Files of other machines are left alone, without a connection to these."
  (with-temp-buffer
    (setq buffer-file-name "/ssh:no-such-host.invalid:/tmp/a.js")
    (unwind-protect
        (progn (cursorcore-mode)
               (should-not cursorcore-server-uri)
               (should (equal (cursorcore-state) "-"))
               (should (string-match-p "other machines" cursorcore-server-unserved)))
      (cursorcore-mode -1)
      (setq buffer-file-name nil))))

(defun cursorcore-tests-wait (what holds)
  "Wait for WHAT, until HOLDS returns non-nil."
  (with-timeout (60 (ert-fail (format "waited in vain: %s" what)))
    (while (not (funcall holds)) (accept-process-output nil 0.02))))

(defun cursorcore-tests-settle ()
  "Wait until the server has answered about the buffer as it is."
  (cursorcore-offer-ask)
  (cursorcore-tests-wait "answers" (lambda () (not (or cursorcore-offer--timer cursorcore-offer--request)))))

(defmacro cursorcore-tests-serving (name text &rest body)
  "Run BODY in the buffer of a file NAME that holds TEXT and is served."
  (declare (indent 2))
  `(let* ((directory (make-temp-file "cursorcore" t))
          (file (expand-file-name ,name directory)))
     (with-temp-file file (insert ,text))
     (unwind-protect
         (progn
           (switch-to-buffer (find-file-noselect file))
           (cursorcore-mode)
           (cursorcore-tests-wait "the server" (lambda () cursorcore-server-uri))
           ,@body)
       (set-buffer-modified-p nil)
       (kill-buffer)
       (cursorcore-server-stop)
       (delete-directory directory t))))

(defun cursorcore-tests-command (function)
  "Do what FUNCTION does as a command would."
  (funcall function)
  (cursorcore--after-command))

(defconst cursorcore-tests-shop
  "function total(items) {\n  return items.length;\n}\n\nfunction report(items) {\n  return '👍' + total(items);\n}\n\nmodule.exports = { total, report };\n")

(ert-deftest cursorcore-tests-rename ()
  "A rename is led through, past an emoji, to the end."
  (cursorcore-tests-serving "shop.js" cursorcore-tests-shop
    (goto-char (point-min))
    (cursorcore-tests-command (lambda () (search-forward "total") (replace-match "grandTotal")))
    ;; Without a screen nothing can be seen; emacsKeys.test.ts has one.
    (cl-letf (((symbol-function 'cursorcore-show-visible-p) #'always))
      (cl-loop repeat 8 do (cursorcore-tests-settle)
               while (cursorcore-offer-next) do (cursorcore-tests-command #'cursorcore-accept)))
    (should (equal (buffer-string) (string-replace "total" "grandTotal" cursorcore-tests-shop)))))

(ert-deftest cursorcore-tests-unnamed ()
  "A buffer without a file is served under its name, and under a file's once it has one."
  (let ((directory (make-temp-file "cursorcore" t)))
    (unwind-protect
        (with-temp-buffer
          (rename-buffer "no file: yet")
          (insert cursorcore-tests-shop)
          (cursorcore-mode)
          (cursorcore-tests-wait "the server" (lambda () cursorcore-server-uri))
          (should (equal cursorcore-server-uri "untitled:no%20file%3A%20yet"))
          ;; The new major mode turns all minor modes off but the global ones.
          (global-cursorcore-mode)
          (write-file (expand-file-name "shop.js" directory))
          (cursorcore-tests-wait "the file" (lambda () cursorcore-server-uri))
          (should (string-match-p "\\`file:///.*/shop\\.js\\'" cursorcore-server-uri))
          (let (status)
            (cursorcore-server-execute "cursorcore.status" [] (lambda (answer) (setq status answer)))
            (cursorcore-tests-wait "its status" (lambda () status))
            (should (= 1 (plist-get status :openDocuments)))))
      (global-cursorcore-mode -1)
      (cursorcore-server-stop)
      (delete-directory directory t))))

(ert-deftest cursorcore-tests-restart ()
  "A server that dies is started again, the buffer is served, and it is said."
  (cursorcore-tests-serving "shop.js" cursorcore-tests-shop
    (let ((process (jsonrpc--process cursorcore-server--connection)))
      (insert "// not sent before it died\n")
      (signal-process process 'SIGKILL)
      (cursorcore-tests-wait "the loss" (lambda () (eq cursorcore-server-state 'lost)))
      (should-not cursorcore-server-uri)
      (cursorcore-tests-wait "the next server" (lambda () cursorcore-server-uri))
      (should-not (eq process (jsonrpc--process cursorcore-server--connection))))
    (let (status)
      (cursorcore-server-execute "cursorcore.status" [] (lambda (answer) (setq status answer)))
      (cursorcore-tests-wait "its status" (lambda () status))
      (should (= 1 (plist-get status :openDocuments))))))

(ert-deftest cursorcore-tests-missing ()
  "A server that is not there is said once, in one line, and editing goes on."
  (let ((cursorcore-command '("cursorcore-no-such-program")) (said nil) (cursorcore-server--said nil))
    (cl-letf (((symbol-function 'message) (lambda (format &rest arguments) (push (apply #'format format arguments) said))))
      (with-temp-buffer
        (cursorcore-mode)
        (insert "text")
        (cursorcore--after-command)
        (cursorcore-mode -1)
        (cursorcore-mode)
        (should (equal (cursorcore-state) "!"))))
    (should (= 1 (length said)))
    (should (string-match-p "cursorcore-no-such-program is not on" (car said)))))

(ert-deftest cursorcore-tests-old-node ()
  "A server that ends at once is said in one line, with what it complained about."
  (let ((cursorcore-command '("sh" "-c" "echo 'cursorcore-lsp: Node 20 is needed' >&2; exit 1")) (said nil))
    (cl-letf (((symbol-function 'message) (lambda (format &rest arguments)
                                            (when format (push (apply #'format format arguments) said)))))
      (with-temp-buffer
        (cursorcore-mode)
        (cursorcore-tests-wait "the loss" (lambda () (eq cursorcore-server-state 'lost)))))
    (should (string-match-p "Node 20 is needed" (car said)))
    (cursorcore-server--set nil)))

(provide 'cursorcore-tests)
;;; cursorcore-tests.el ends here
