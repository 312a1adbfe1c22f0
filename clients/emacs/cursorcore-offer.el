;;; cursorcore-offer.el --- Ghost text and next edits: asked for, shown, taken  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; What to offer, and when, is the server's to decide.  Here it is asked for
;; after a change and when the cursor rests, shown, and taken or refused.

;;; Code:

(require 'cl-lib)
(require 'cursorcore-server)
(require 'cursorcore-show)
(require 'cursorcore-text)

(defcustom cursorcore-automatic t
  "Whether predictions are shown by themselves.
When nil, nothing is shown before \\[cursorcore-complete] asks for it."
  :group 'cursorcore
  :type 'boolean)

(defcustom cursorcore-ghost-text t
  "Whether text that is predicted at the cursor is shown there."
  :group 'cursorcore
  :type 'boolean)

(defcustom cursorcore-next-edit t
  "Whether edits that are predicted elsewhere are shown."
  :group 'cursorcore
  :type 'boolean)

(defcustom cursorcore-delay 0.04
  "Seconds from a change to the request."
  :group 'cursorcore
  :type 'number)

(defcustom cursorcore-rest 0.2
  "Seconds that the cursor rests before a request."
  :group 'cursorcore
  :type 'number)

(defvar cursorcore-offer-change-hook nil
  "Run when what is offered has changed.")

(cl-defstruct cursorcore-offer-ghost text command arguments pos tick overlay)
(cl-defstruct cursorcore-offer-next parts edit command arguments version overlays hidden)
(cl-defstruct cursorcore-offer-elsewhere uri position version command arguments)

(defvar cursorcore-offer--buffer nil "The buffer in which something is shown or asked for.")
(defvar cursorcore-offer--ghost nil)
(defvar cursorcore-offer--next nil)
(defvar cursorcore-offer--elsewhere nil)
(defvar cursorcore-offer--timer nil)
(defvar cursorcore-offer--resting nil "Non-nil while the timer waits for the cursor to rest.")
(defvar cursorcore-offer--request nil "The id of the request under way.")
(defvar cursorcore-offer--round 0 "Counts what is asked, so that late answers are known as such.")
(defvar cursorcore-offer--looked nil "(BUFFER TICK POINT) after the last command.")

(defun cursorcore-offer--changed ()
  "Say that what is offered has changed."
  (run-hooks 'cursorcore-offer-change-hook))

;;; Taking down

(defun cursorcore-offer--hide-ghost ()
  "Take the ghost text down."
  (when cursorcore-offer--ghost
    (delete-overlay (cursorcore-offer-ghost-overlay cursorcore-offer--ghost))
    (setq cursorcore-offer--ghost nil)
    (cursorcore-offer--changed)))

(defun cursorcore-offer--hide-next ()
  "Take the next edit down, and what is said of another buffer's."
  (when (or cursorcore-offer--next cursorcore-offer--elsewhere)
    (when cursorcore-offer--next
      (cursorcore-show-hide (cursorcore-offer-next-overlays cursorcore-offer--next)))
    (setq cursorcore-offer--next nil
          cursorcore-offer--elsewhere nil)
    (cursorcore-offer--changed)))

(defun cursorcore-offer--call-off ()
  "Call off what is asked for or about to be."
  (when cursorcore-offer--timer
    (cancel-timer cursorcore-offer--timer)
    (setq cursorcore-offer--timer nil))
  (cl-incf cursorcore-offer--round)
  (when cursorcore-offer--request
    (cursorcore-server-cancel cursorcore-offer--request)
    (setq cursorcore-offer--request nil)))

(defun cursorcore-offer-clear ()
  "Take down what is shown, and call off what is asked for."
  (cursorcore-offer--call-off)
  (cursorcore-offer--hide-ghost)
  (cursorcore-offer--hide-next))

;;; What is offered

(defun cursorcore-offer-ghost ()
  "Return the ghost text, if it is for the current buffer and point as they are."
  (let ((ghost cursorcore-offer--ghost))
    (and ghost
         (eq cursorcore-offer--buffer (current-buffer))
         (eql (cursorcore-offer-ghost-pos ghost) (point))
         (eql (cursorcore-offer-ghost-tick ghost) (buffer-chars-modified-tick))
         ghost)))

(defun cursorcore-offer-next ()
  "Return the next edit that is shown, if it is for the current buffer as it is."
  (let ((next cursorcore-offer--next))
    (and next
         (eq cursorcore-offer--buffer (current-buffer))
         (not (cursorcore-offer-next-hidden next))
         (cursorcore-server-in-step-p (cursorcore-offer-next-version next))
         next)))

(defun cursorcore-offer-elsewhere ()
  "Return the next edit of another buffer, if both are as they were."
  (let* ((there cursorcore-offer--elsewhere)
         (buffer (and there (eq cursorcore-offer--buffer (current-buffer))
                      (cursorcore-server-buffer-of (cursorcore-offer-elsewhere-uri there)))))
    (and buffer
         (with-current-buffer buffer
           (cursorcore-server-in-step-p (cursorcore-offer-elsewhere-version there)))
         there)))

(defun cursorcore-offer-next-beg (next)
  "Return the place where NEXT begins."
  (nth 1 (car (cursorcore-offer-next-parts next))))

(defun cursorcore-offer-next-end (next)
  "Return the place where NEXT ends."
  (nth 2 (car (last (cursorcore-offer-next-parts next)))))

(defun cursorcore-offer-here-p (next)
  "Return non-nil if point is at NEXT, which can be seen."
  (and (<= (save-excursion (goto-char (cursorcore-offer-next-beg next)) (line-beginning-position))
           (point)
           (save-excursion (goto-char (cursorcore-offer-next-end next)) (line-end-position)))
       (cursorcore-show-visible-p (cursorcore-offer-next-beg next))))

;;; Asking

(defun cursorcore-offer--wanted-p ()
  "Return non-nil if something may be offered in the current buffer now."
  (and cursorcore-server-uri
       (not buffer-read-only)
       (eq (current-buffer) (window-buffer (selected-window)))
       (not executing-kbd-macro)
       (not (use-region-p))))

(defun cursorcore-offer--parameters ()
  "Return the parameters of a request about the current buffer at point."
  (list :textDocument (list :uri cursorcore-server-uri :version cursorcore-server-version)
        :position (cursorcore-text-position)))

(defun cursorcore-offer--send (method parameters answered)
  "Send METHOD with PARAMETERS; call ANSWERED with the answer.
It is called in the buffer that is asked about, where that is as it was and
nothing else was asked since."
  (let* ((buffer (current-buffer))
         (version cursorcore-server-version)
         (round cursorcore-offer--round)
         (take (lambda (answer)
                 (when (and (= round cursorcore-offer--round) (buffer-live-p buffer))
                   (setq cursorcore-offer--request nil)
                   (when (eq buffer (window-buffer (selected-window)))
                     (with-current-buffer buffer
                       (when (cursorcore-server-in-step-p version)
                         (funcall answered answer))))))))
    (setq cursorcore-offer--request
          (cursorcore-server-request method parameters take (lambda (_message) (funcall take nil))))))

(defun cursorcore-offer-ask ()
  "Ask what is predicted in the current buffer."
  (cursorcore-offer--call-off)
  (if (not (cursorcore-offer--wanted-p))
      (progn (cursorcore-offer--hide-ghost) (cursorcore-offer--hide-next))
    (unless (eq cursorcore-offer--buffer (current-buffer))
      (cursorcore-offer-clear)
      (setq cursorcore-offer--buffer (current-buffer))
      (cursorcore-server-notify :textDocument/didFocus (list :textDocument (list :uri cursorcore-server-uri))))
    (cursorcore-server-flush)
    (when cursorcore-server-uri
      (if (and cursorcore-ghost-text (not (cursorcore-offer--popup-p)))
          (cursorcore-offer--ask-ghost)
        (cursorcore-offer--hide-ghost)
        (cursorcore-offer--ask-next)))))

(defun cursorcore-offer--popup-p ()
  "Return non-nil while a list of completions is shown."
  (or completion-in-region-mode
      (bound-and-true-p company-candidates)))

(defun cursorcore-offer--ask-ghost ()
  "Ask for ghost text, and then for the next edit."
  (let ((pos (point)))
    (cursorcore-offer--send
     :textDocument/inlineCompletion
     (nconc (cursorcore-offer--parameters) '(:context (:triggerKind 2)))
     (lambda (answer)
       (let* ((items (if (vectorp answer) answer (plist-get answer :items)))
              (item (and (> (length items) 0) (aref items 0))))
         (when (= pos (point))
           (if item
               (cursorcore-offer--show-ghost item)
             (cursorcore-offer--hide-ghost))))
       (cursorcore-offer--ask-next)))))

(defun cursorcore-offer--put-ghost (text command arguments)
  "Show TEXT at point; COMMAND with ARGUMENTS is for when it is taken."
  (when cursorcore-offer--ghost
    (delete-overlay (cursorcore-offer-ghost-overlay cursorcore-offer--ghost)))
  (setq cursorcore-offer--ghost
        (make-cursorcore-offer-ghost :text text :command command :arguments arguments
                                     :pos (point) :tick (buffer-chars-modified-tick)
                                     :overlay (cursorcore-show-ghost (point) text)))
  (cursorcore-offer--changed))

(defun cursorcore-offer--show-ghost (item)
  "Show ITEM, an inline completion."
  (let ((text (string-replace "\n" (cursorcore-text-line-end)
                              (string-replace "\r\n" "\n" (plist-get item :insertText))))
        (command (plist-get item :command)))
    (if (equal text "")
        (cursorcore-offer--hide-ghost)
      (cursorcore-offer--put-ghost text (plist-get command :command) (plist-get command :arguments)))))

(defun cursorcore-offer--ask-next ()
  "Ask for the next edit."
  (when cursorcore-next-edit
    (cursorcore-offer--send
     :textDocument/copilotInlineEdit (cursorcore-offer--parameters)
     (lambda (answer)
       (let* ((edits (plist-get answer :edits))
              (edit (and (> (length edits) 0) (aref edits 0)))
              (document (plist-get edit :textDocument)))
         (cond
          ((null edit) (cursorcore-offer--hide-next))
          ((equal (plist-get document :uri) cursorcore-server-uri) (cursorcore-offer--show-next edit))
          (t (cursorcore-offer--hide-next)
             (setq cursorcore-offer--elsewhere
                   (make-cursorcore-offer-elsewhere
                    :uri (plist-get document :uri) :version (plist-get document :version)
                    :position (plist-get (plist-get edit :range) :start)
                    :command (plist-get (plist-get edit :command) :command)
                    :arguments (plist-get (plist-get edit :command) :arguments)))
             (cursorcore-offer--changed))))))))

(defun cursorcore-offer--covered-p (parts)
  "Return non-nil if ghost text stands where PARTS are."
  (and (cursorcore-offer-ghost)
       (let ((line (line-number-at-pos nil t)))
         (<= (1- (line-number-at-pos (nth 1 (car parts)) t))
             line
             (1+ (line-number-at-pos (nth 2 (car (last parts))) t))))))

(defun cursorcore-offer--show-next (edit)
  "Show EDIT, one of the current buffer as it is."
  (let ((version (plist-get (plist-get edit :textDocument) :version))
        (key (list (plist-get edit :range) (plist-get edit :text)))
        (command (plist-get edit :command)))
    (if (and (cursorcore-offer-next) (equal key (cursorcore-offer-next-edit cursorcore-offer--next)))
        (setf (cursorcore-offer-next-arguments cursorcore-offer--next) (plist-get command :arguments))
      (cursorcore-offer--hide-next)
      (let ((parts (and (cursorcore-server-in-step-p version)
                        (cursorcore-text-parts (apply #'cursorcore-text-edit key)))))
        (when parts
          (let ((hidden (cursorcore-offer--covered-p parts)))
            (setq cursorcore-offer--next
                  (make-cursorcore-offer-next
                   :parts parts :edit key :version version :hidden hidden
                   :command (plist-get command :command) :arguments (plist-get command :arguments)
                   :overlays (unless hidden (cursorcore-show-parts parts))))
            (unless hidden
              (cursorcore-server-notify :textDocument/didShowInlineEdit
                                        (list :item (list :command command)))))
          (cursorcore-offer--changed))))))

;;; When

(defun cursorcore-offer-ask-after (delay &optional resting)
  "Ask in DELAY seconds; RESTING means when the cursor has rested."
  (cursorcore-offer--call-off)
  (setq cursorcore-offer--resting resting
        cursorcore-offer--timer
        (run-with-timer delay nil
                        (lambda (buffer)
                          (setq cursorcore-offer--timer nil)
                          (when (and (buffer-live-p buffer) (eq buffer (window-buffer (selected-window))))
                            (with-current-buffer buffer (cursorcore-offer-ask))))
                        (current-buffer))))

(defun cursorcore-offer--typed ()
  "Move ghost text along behind what was typed of it; return non-nil if so."
  (let* ((ghost cursorcore-offer--ghost)
         (from (and ghost (eq cursorcore-offer--buffer (current-buffer)) (cursorcore-offer-ghost-pos ghost)))
         (typed (and from (< from (point)) (buffer-substring-no-properties from (point))))
         (text (and typed (cursorcore-offer-ghost-text ghost))))
    (when (and text (string-prefix-p typed text) (< (length typed) (length text))
               (eq this-command 'self-insert-command))
      (cursorcore-offer--put-ghost (substring text (length typed))
                                   (cursorcore-offer-ghost-command ghost)
                                   (cursorcore-offer-ghost-arguments ghost))
      t)))

(defun cursorcore-offer-after-command ()
  "Look at what a command has done: ask after a change, and when the cursor rests."
  (let ((looked (list (current-buffer) (buffer-chars-modified-tick) (point))))
    (unless (equal looked cursorcore-offer--looked)
      (let ((changed (not (equal (butlast looked) (butlast cursorcore-offer--looked)))))
        (setq cursorcore-offer--looked looked)
        (cond
         (changed
          (cursorcore-server-flush)
          (unless (or (cursorcore-offer-ghost) (cursorcore-offer--typed)) (cursorcore-offer--hide-ghost))
          (unless (or (cursorcore-offer-next) (cursorcore-offer-elsewhere)) (cursorcore-offer--hide-next))
          (when cursorcore-automatic (cursorcore-offer-ask-after cursorcore-delay)))
         (t
          (unless (cursorcore-offer-ghost) (cursorcore-offer--hide-ghost))
          (when (and cursorcore-automatic (or cursorcore-offer--resting (not cursorcore-offer--timer)))
            (cursorcore-offer-ask-after cursorcore-rest t))))))))

(defun cursorcore-offer--notified (method params)
  "Ask again when METHOD, with PARAMS, is that the server knows more."
  (when (and (eq method 'cursorcore/refresh) cursorcore-automatic)
    (let ((document (plist-get params :textDocument)))
      (with-current-buffer (window-buffer (selected-window))
        (when (and (equal (plist-get document :uri) cursorcore-server-uri)
                   (cursorcore-server-in-step-p (plist-get document :version))
                   (not (cursorcore-offer-ghost)))
          (cursorcore-offer-ask))))))

(add-hook 'cursorcore-server-notification-functions #'cursorcore-offer--notified)
(add-hook 'cursorcore-server-lost-hook #'cursorcore-offer-clear)

;;; Taking and refusing

(defun cursorcore-offer--done (command arguments)
  "Tell the server with COMMAND and ARGUMENTS what became of an offer; ask on."
  (cursorcore-server-flush)
  (when command (cursorcore-server-execute command arguments))
  (setq cursorcore-offer--looked (list (current-buffer) (buffer-chars-modified-tick) (point)))
  (cursorcore-offer-ask))

(defun cursorcore-offer--insert (text)
  "Insert TEXT at point, as one step to undo."
  (undo-boundary)
  (insert text)
  (undo-boundary))

(defun cursorcore-offer-take-ghost ()
  "Insert the ghost text; return nil where there is none."
  (let ((ghost (cursorcore-offer-ghost)))
    (when ghost
      (cursorcore-offer--hide-ghost)
      (cursorcore-offer--insert (cursorcore-offer-ghost-text ghost))
      (cursorcore-offer--done (cursorcore-offer-ghost-command ghost) (cursorcore-offer-ghost-arguments ghost))
      t)))

(defun cursorcore-offer-take-part (pattern)
  "Insert what PATTERN matches at the beginning of the ghost text.
Return nil where there is none."
  (let* ((ghost (cursorcore-offer-ghost))
         (text (and ghost (cursorcore-offer-ghost-text ghost)))
         (length (and text (if (string-match pattern text) (match-end 0) (length text)))))
    (cond
     ((null text) nil)
     ((>= length (length text)) (cursorcore-offer-take-ghost))
     (t
      (let ((rest (substring text length)))
        (cursorcore-offer--insert (substring text 0 length))
        (cursorcore-server-flush)
        (cursorcore-offer--put-ghost rest (cursorcore-offer-ghost-command ghost)
                                     (cursorcore-offer-ghost-arguments ghost))
        (setq cursorcore-offer--looked (list (current-buffer) (buffer-chars-modified-tick) (point)))
        (cursorcore-offer-ask)
        t)))))

(defun cursorcore-offer--end-of-word (pos)
  "Return the end of the word that POS is inside of, else POS.
An edit may change only the beginning of a word."
  (save-excursion
    (goto-char pos)
    (unless (looking-at-p "\\_<") (skip-syntax-forward "w_"))
    (point)))

(defun cursorcore-offer-apply-next (next)
  "Make NEXT true, as one step to undo, and put point behind it."
  (cursorcore-offer--hide-next)
  (cursorcore-offer--hide-ghost)
  (undo-boundary)
  (let ((behind (cursorcore-server-put (cursorcore-offer-next-parts next))))
    (goto-char (cursorcore-offer--end-of-word behind))
    (set-marker behind nil))
  (undo-boundary)
  (cursorcore-offer--done (cursorcore-offer-next-command next) (cursorcore-offer-next-arguments next)))

(defun cursorcore-offer-jump (next)
  "Go to NEXT."
  (cursorcore-show-go (cursorcore-offer-next-beg next))
  (cursorcore-offer--hide-ghost))

(defun cursorcore-offer-jump-elsewhere (there)
  "Go to THERE, an edit of another buffer, in which it is then offered."
  (pop-to-buffer (cursorcore-server-buffer-of (cursorcore-offer-elsewhere-uri there)))
  (cursorcore-show-go (cursorcore-text-point (cursorcore-offer-elsewhere-position there)))
  (cursorcore-offer-ask))

(defun cursorcore-offer-refuse ()
  "Refuse what is offered; return nil where nothing is."
  (let* ((ghost (cursorcore-offer-ghost))
         (next (cursorcore-offer-next))
         (there (cursorcore-offer-elsewhere))
         (arguments (cond (ghost (cursorcore-offer-ghost-arguments ghost))
                          (next (cursorcore-offer-next-arguments next))
                          (there (cursorcore-offer-elsewhere-arguments there)))))
    (when (or ghost next there)
      (if ghost (cursorcore-offer--hide-ghost) (cursorcore-offer--hide-next))
      (cursorcore-server-execute "cursorcore.reject" arguments)
      (cursorcore-offer-ask)
      t)))

(provide 'cursorcore-offer)
;;; cursorcore-offer.el ends here
