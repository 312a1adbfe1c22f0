;;; cursorcore.el --- Next-edit prediction on your own machine  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: convenience, languages, tools
;; URL: https://github.com/cursorcore/cursorcore-lsp
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; The Emacs client of cursorcore-lsp: predicts your next edit and shows it
;; before you make it, as ghost text at the cursor or as a change anywhere in
;; the file.
;;
;;   (global-cursorcore-mode)
;;
;; It has a connection of its own to the server, and so works beside Eglot and
;; lsp-mode, and without either.  TAB takes what is offered and S-TAB refuses
;; it; C-c ; has the rest.  To use the server through lsp-mode instead, see
;; cursorcore-lsp-mode.el.

;;; Code:

(require 'cl-lib)
(require 'cursorcore-offer)
(require 'cursorcore-review)
(require 'cursorcore-server)
(require 'cursorcore-show)
(require 'cursorcore-text)

(defvar cursorcore-state-change-hook nil
  "Run when what the mode line says has changed; see function `cursorcore-state'.")

(declare-function yas-maybe-expand-abbrev-key-filter "ext:yasnippet")
(declare-function flymake-diagnostics "flymake")
(declare-function flymake-diagnostic-text "flymake")
(declare-function flymake-diagnostic-beg "flymake")
(declare-function flymake-diagnostic-end "flymake")

(defvar cursorcore-mode)

;;; Commands

(defun cursorcore--ours-p (command)
  "Return non-nil if COMMAND is one of those that lead from edit to edit."
  (memq command '(cursorcore-accept cursorcore-reject cursorcore-jump)))

;;;###autoload
(defun cursorcore-accept ()
  "Take what is offered.
Ghost text is inserted.  A next edit is jumped to, in another buffer too, or
applied where point is at it already."
  (interactive)
  (let ((next (cursorcore-offer-next))
        (there (cursorcore-offer-elsewhere)))
    (cond ((cursorcore-review-active-p) (cursorcore-review-take))
          ((cursorcore-offer-take-ghost))
          ((and next (cursorcore-offer-here-p next))
           (barf-if-buffer-read-only)
           (cursorcore-offer-apply-next next))
          (next (cursorcore-offer-jump next))
          (there (cursorcore-offer-jump-elsewhere there))
          (t (cursorcore--nothing)))))

(defun cursorcore-accept-word ()
  "Insert the next word of the ghost text."
  (interactive)
  (or (cursorcore-offer-take-part cursorcore-text-word) (cursorcore--nothing)))

(defun cursorcore-accept-line ()
  "Insert the ghost text up to the end of the line.
At the end of the line, the next line is taken whole."
  (interactive)
  (or (cursorcore-offer-take-part cursorcore-text-line) (cursorcore--nothing)))

(defun cursorcore-jump ()
  "Go to the next edit, or to the next change that is looked through."
  (interactive)
  (let ((next (cursorcore-offer-next))
        (there (cursorcore-offer-elsewhere)))
    (cond ((cursorcore-review-active-p) (cursorcore-review-next))
          (next (cursorcore-offer-jump next))
          (there (cursorcore-offer-jump-elsewhere there))
          (t (cursorcore--nothing)))))

(defun cursorcore-reject ()
  "Refuse what is offered.
It is not offered again before the text there is another one."
  (interactive)
  (cond ((cursorcore-review-active-p) (cursorcore-review-leave-out))
        ((cursorcore-offer-refuse))
        (t (cursorcore--nothing))))

(defun cursorcore-complete ()
  "Ask now what comes next, also where `cursorcore-automatic' is nil."
  (interactive)
  (when (cursorcore--served-p) (cursorcore-offer-ask)))

(defun cursorcore-apply-all ()
  "Show the edit that is offered and all others in the file.
A second time, apply them."
  (interactive)
  (let ((offer (or (cursorcore-offer-ghost) (cursorcore-offer-next))))
    (cond ((cursorcore-review-active-p) (cursorcore-review-take-all))
          (offer
           (cursorcore-review-run
            "cursorcore.applyAll"
            (aref (if (cursorcore-offer-ghost-p offer)
                      (cursorcore-offer-ghost-arguments offer)
                    (cursorcore-offer-next-arguments offer))
                  0)))
          (t (cursorcore--nothing)))))

(defun cursorcore-cancel ()
  "Call off what the server works on, take all that is shown down."
  (interactive)
  (unless (cursorcore-review-cancel) (cursorcore-offer-clear)))

;;;###autoload
(defun cursorcore-instruct (beg end instruction)
  "Have a model edit the text between BEG and END by INSTRUCTION.
Without an active region that is point.  What the model proposes is shown before
it is applied."
  (interactive (list (if (use-region-p) (region-beginning) (point))
                     (if (use-region-p) (region-end) (point))
                     (read-string "Edit: ")))
  (when (and (not (equal (string-trim instruction) "")) (cursorcore--served-p))
    (barf-if-buffer-read-only)
    (let ((region (< beg end)))
      (deactivate-mark)
      (cursorcore-server-flush)
      (cursorcore-review-run "cursorcore.instruct"
                             (list :textDocument (list :uri cursorcore-server-uri)
                                   :range (cursorcore-text-range beg end)
                                   :instruction instruction)
                             (and region beg) (and region end)))))

(defun cursorcore-fix ()
  "Have a model edit what Flymake complains about at point."
  (interactive)
  (let ((diagnostic (and (bound-and-true-p flymake-mode)
                         (or (car (flymake-diagnostics (point)))
                             (car (flymake-diagnostics (line-beginning-position) (line-end-position)))))))
    (if diagnostic
        (cursorcore-instruct (flymake-diagnostic-beg diagnostic) (flymake-diagnostic-end diagnostic)
                             (flymake-diagnostic-text diagnostic))
      (cursorcore-server-say "no diagnostic in this line"))))

(defun cursorcore--nothing ()
  "Say that nothing is offered, or why that cannot be."
  (when (cursorcore--served-p)
    (cursorcore-server-say "nothing is offered")))

(defun cursorcore--served-p ()
  "Return non-nil if the server serves the current buffer, else say why not."
  (or (and cursorcore-server-uri t)
      (progn
        (cursorcore-server-say
         "%s"
         (cond ((not cursorcore-mode) "off in this buffer; M-x cursorcore-mode turns it on")
               (cursorcore-server-unserved (concat "this buffer is not served: " cursorcore-server-unserved))
               ((eq cursorcore-server-state 'starting) "the server is starting")
               ((eq cursorcore-server-state 'missing)
                (format "%s is not on `exec-path'; see C-h v cursorcore-command"
                        (car (cursorcore-server-command))))
               (t "no server runs; M-x cursorcore-restart starts it")))
        nil)))

(defun cursorcore--status-lines (status uri)
  "Return STATUS, the server's answer, in words, for the buffer of URI."
  (let ((model (plist-get status :model))
        (failure (plist-get status :lastError)))
    (string-join
     (delq nil
           (append
            (list (format "cursorcore: %s, engine %s%s, %s; %d documents; offered %d, accepted %d, rejected %d"
                          (plist-get status :version) (plist-get status :engine)
                          (if model (format " (model %s, %s)" (plist-get model :name)
                                            (or (plist-get model :device) "not loaded"))
                            "")
                          (if (eq (plist-get status :enabled) t) "on" "off")
                          (plist-get status :openDocuments) (plist-get status :offered)
                          (plist-get status :accepted) (plist-get status :rejected)))
            (mapcar (lambda (excluded)
                      (format "%s is kept out: %s"
                              (if (equal (plist-get excluded :uri) uri)
                                  "this buffer"
                                (url-unhex-string (file-name-nondirectory (plist-get excluded :uri))))
                              (plist-get excluded :reason)))
                    (plist-get status :excluded))
            (list (and failure (format "last prediction failed: %s" failure)))))
     "\n")))

;;;###autoload
(defun cursorcore-status ()
  "Say what the server is and does."
  (interactive)
  (if (eq cursorcore-server-state 'ready)
      (let ((uri cursorcore-server-uri))
        (cursorcore-server-execute "cursorcore.status" []
                                   (lambda (status) (message "%s" (cursorcore--status-lines status uri)))
                                   (lambda (message) (cursorcore-server-say "%s" message))))
    (cursorcore--served-p)))

;;;###autoload
(defun cursorcore-restart ()
  "Start the server anew, also after it has died."
  (interactive)
  (cursorcore-server-stop)
  (setq cursorcore-server--losses nil
        cursorcore-server--said nil)
  (when (cursorcore-server-start) (cursorcore-server-say "the server is started")))

;;; Keys

(defun cursorcore--takes-p ()
  "Return non-nil if TAB is to take what is offered.
That is not where a list of completions or a region wants it.  In front of a
line's text TAB indents, and does not jump away."
  (and (not (minibufferp))
       (not (cursorcore-offer--popup-p))
       (or (cursorcore-review-active-p)
           (and (not buffer-read-only)
                (not (use-region-p))
                (or (cursorcore-offer-ghost)
                    (let ((next (cursorcore-offer-next)))
                      (if next
                          (or (cursorcore-offer-here-p next) (cursorcore--jumps-p))
                        (and (cursorcore-offer-elsewhere) (cursorcore--jumps-p)))))))))

(defun cursorcore--jumps-p ()
  "Return non-nil if TAB may jump from here.
Not from the name of a snippet, which it expands."
  (or (cursorcore--ours-p last-command)
      (not (or (save-excursion (skip-chars-backward " \t") (bolp))
               (and (bound-and-true-p yas-minor-mode)
                    (yas-maybe-expand-abbrev-key-filter t))))))

(defun cursorcore--offered-p ()
  "Return non-nil if something is offered that could be refused."
  (and (not (minibufferp))
       (not (cursorcore-offer--popup-p))
       (or (cursorcore-review-active-p) (cursorcore-offer-ghost) (cursorcore-offer-next)
           (cursorcore-offer-elsewhere))))

(defun cursorcore--ghost-ends-line-p ()
  "Return non-nil if ghost text stands at the end of the line.
There, moving on means taking it."
  (and (eolp) (cursorcore-offer-ghost) (not (cursorcore-offer--popup-p))))

(defun cursorcore--while (predicate command)
  "Return a binding to COMMAND that is there only while PREDICATE is true."
  `(menu-item "" ,command :filter ,(lambda (command) (and (funcall predicate) command))))

(defvar cursorcore-offered-map
  (let ((map (make-sparse-keymap)))
    (dolist (key '("TAB" "<tab>"))
      (keymap-set map key (cursorcore--while #'cursorcore--takes-p #'cursorcore-accept)))
    (dolist (key '("<backtab>" "S-TAB" "S-<tab>" "S-<iso-lefttab>"))
      (keymap-set map key (cursorcore--while #'cursorcore--offered-p #'cursorcore-reject)))
    (dolist (key '("M-f" "M-<right>" "C-<right>"))
      (keymap-set map key (cursorcore--while #'cursorcore--ghost-ends-line-p #'cursorcore-accept-word)))
    (dolist (key '("C-e" "<end>"))
      (keymap-set map key (cursorcore--while #'cursorcore--ghost-ends-line-p #'cursorcore-accept-line)))
    map)
  "Keys that mean something else while something is offered.
They go in front of those of other minor modes, but not of a completion list
or an active snippet.")

(defvar-keymap cursorcore-command-map
  :doc "Keys that are there all the time, after a prefix."
  "TAB" #'cursorcore-accept
  "n" #'cursorcore-jump
  "a" #'cursorcore-apply-all
  "r" #'cursorcore-reject
  "w" #'cursorcore-accept-word
  "l" #'cursorcore-accept-line
  "SPC" #'cursorcore-complete
  "e" #'cursorcore-instruct
  "f" #'cursorcore-fix
  "k" #'cursorcore-cancel
  "s" #'cursorcore-status)

(defvar-keymap cursorcore-mode-map
  :doc "Keymap of `cursorcore-mode'."
  "C-c ;" cursorcore-command-map)

(defvar cursorcore--emulation-maps `((cursorcore-mode . ,cursorcore-offered-map))
  "What is put into `emulation-mode-map-alists'.")

(defun cursorcore--keys-first ()
  "Put our keys in front of other minor modes'.
Evil puts its own there with each buffer."
  (unless (eq (car emulation-mode-map-alists) 'cursorcore--emulation-maps)
    (setq emulation-mode-map-alists
          (cons 'cursorcore--emulation-maps
                (delq 'cursorcore--emulation-maps emulation-mode-map-alists)))))

;;; The mode

(defvar-local cursorcore--state "" "What the mode line says of this buffer.")
(put 'cursorcore--state 'risky-local-variable t)

(defun cursorcore--place (next)
  "Return where NEXT is, seen from point."
  (let ((line (line-number-at-pos (cursorcore-offer-next-beg next) t))
        (here (line-number-at-pos nil t)))
    (cond ((= line here) "*")
          ((< line here) (format "↑%d" line))
          (t (format "↓%d" line)))))

(defun cursorcore-state ()
  "Return what is offered in the current buffer, or why nothing is, very short.
Return nil where there is nothing to say."
  (let ((next (cursorcore-offer-next))
        (there (cursorcore-offer-elsewhere)))
    (cond
     ((cursorcore-review-active-p)
      (format "%d?" (length (cursorcore-review-changes cursorcore-review--current))))
     ((cursorcore-review-working-p) "working")
     (cursorcore-server-unserved "-")
     ((memq cursorcore-server-state '(lost missing)) "!")
     ((eq cursorcore-server-state 'starting) "...")
     ((cursorcore-offer-ghost) "*")
     (next (cursorcore--place next))
     (there (format "→%s:%d"
                    (buffer-name (cursorcore-server-buffer-of (cursorcore-offer-elsewhere-uri there)))
                    (1+ (plist-get (cursorcore-offer-elsewhere-position there) :line)))))))

(defun cursorcore--show-state ()
  "Bring the mode lines that can be seen up to date."
  (dolist (window (window-list nil 'no-minibuffer))
    (with-current-buffer (window-buffer window)
      (when cursorcore-mode
        (let* ((state (cursorcore-state))
               (text (concat " CC" (and state ":") state)))
          (unless (equal text cursorcore--state)
            (setq cursorcore--state text)
            (run-hooks 'cursorcore-state-change-hook)
            (force-mode-line-update)))))))

(add-hook 'cursorcore-offer-change-hook #'cursorcore--show-state)
(add-hook 'cursorcore-server-state-hook #'cursorcore--show-state)

(defun cursorcore--after-command ()
  "Run after each command in a buffer that is served."
  (condition-case problem
      (progn
        (cursorcore--keys-first)
        (cursorcore-review-after-command)
        (unless (cursorcore-review-active-p) (cursorcore-offer-after-command))
        (cursorcore--show-state))
    ;; Else Emacs would take us off the hook, and the user would not know.
    (error (cursorcore-server-say-once (error-message-string problem)))))

(defun cursorcore--hooks (change)
  "Call CHANGE, `add-hook' or `remove-hook', for the buffer's hooks."
  (pcase-dolist (`(,hook . ,function)
                 '((before-change-functions . cursorcore-server-before-change)
                   (after-change-functions . cursorcore-server-after-change)
                   (post-command-hook . cursorcore--after-command)
                   (after-save-hook . cursorcore-server-renew)
                   (after-set-visited-file-name-hook . cursorcore-server-renew)
                   (kill-buffer-hook . cursorcore--leave)
                   (change-major-mode-hook . cursorcore--leave)))
    (if (eq change 'add-hook)
        (add-hook hook function nil t)
      (remove-hook hook function t))))

(defun cursorcore--leave ()
  "Stop serving the current buffer."
  (when (eq cursorcore-offer--buffer (current-buffer)) (cursorcore-offer-clear))
  (when (and cursorcore-review--current
             (eq (cursorcore-review-buffer cursorcore-review--current) (current-buffer)))
    (cursorcore-review-finish))
  (cursorcore-server-close))

;;;###autoload
(define-minor-mode cursorcore-mode
  "Predict the next edit in this buffer.

\\{cursorcore-mode-map}
While something is offered:

\\{cursorcore-offered-map}"
  :lighter cursorcore--state
  :keymap cursorcore-mode-map
  :group 'cursorcore
  (cursorcore--hooks (if cursorcore-mode 'add-hook 'remove-hook))
  (if (not cursorcore-mode)
      (cursorcore--leave)
    (cursorcore--keys-first)
    (setq cursorcore-server-unserved (cursorcore-server--unfit))
    (cond (cursorcore-server-unserved
           (cursorcore-server-say-once (format "%s is not served: %s" (buffer-name) cursorcore-server-unserved)))
          ((cursorcore-server-start) (cursorcore-server-open)))
    (cursorcore--show-state)))

(defun cursorcore--turn-on ()
  "Turn predictions on in the current buffer, if it is one that a person edits."
  (when (and buffer-file-name
             (not (minibufferp))
             (not (file-remote-p buffer-file-name)))
    (cursorcore-mode)))

;;;###autoload
(define-globalized-minor-mode global-cursorcore-mode cursorcore-mode cursorcore--turn-on
  :group 'cursorcore
  :predicate '(prog-mode text-mode conf-mode))

(provide 'cursorcore)
;;; cursorcore.el ends here
