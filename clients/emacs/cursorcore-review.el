;;; cursorcore-review.el --- Edits that are looked through before they are applied  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; What the server wants applied as a whole, such as the answer to an
;; instruction, is shown first: all of it in place, change by change.

;;; Code:

(require 'cl-lib)
(require 'cursorcore-server)
(require 'cursorcore-show)
(require 'cursorcore-text)
(require 'cursorcore-offer)

(cl-defstruct cursorcore-review-change parts overlays beg end)
(cl-defstruct cursorcore-review buffer changes tick reply applied outside)

(defvar cursorcore-review--current nil "What is being looked through.")
(defvar cursorcore-review--work nil
  "What is being worked on, as (ID BUFFER BEG END).
BEG and END are nil for a whole file.")

(defun cursorcore-review-working-p ()
  "Return non-nil while the server works on something that was asked for."
  (and cursorcore-review--work t))

(defun cursorcore-review-active-p ()
  "Return non-nil while something in the current buffer is looked through."
  (let ((review cursorcore-review--current))
    (and review
         (eq (cursorcore-review-buffer review) (current-buffer))
         (eql (cursorcore-review-tick review) (buffer-chars-modified-tick)))))

;;; Taking in

(defun cursorcore-review--requested (method params)
  "Take the request `workspace/applyEdit', METHOD, with PARAMS; answer it later."
  (when (eq method 'workspace/applyEdit)
    (let* ((changes (plist-get (plist-get params :edit) :documentChanges))
           (change (and (= (length changes) 1) (aref changes 0)))
           (document (plist-get change :textDocument))
           (buffer (and document (cursorcore-server-buffer-of (plist-get document :uri)))))
      (if (and buffer
               cursorcore-review--work
               (with-current-buffer buffer (cursorcore-server-in-step-p (plist-get document :version))))
          (cons 'later (lambda (reply)
                         (cursorcore-review--begin buffer (append (plist-get change :edits) nil) reply)))
        '(:applied :json-false :failureReason "the text has changed")))))

(add-hook 'cursorcore-server-request-functions #'cursorcore-review--requested)

(defun cursorcore-review--split (parts)
  "Return lists of those of PARTS that lie in the same or adjoining lines."
  (let (groups)
    (dolist (part parts)
      (let ((last (caar groups)))
        (if (and last (<= (count-lines (nth 2 last) (nth 1 part)) 1))
            (push part (car groups))
          (push (list part) groups))))
    (nreverse (mapcar #'nreverse groups))))

(defun cursorcore-review--begin (buffer edits reply)
  "Show EDITS of BUFFER, text edits of the protocol, and call REPLY in the end."
  (cursorcore-review-finish)
  (let* ((work cursorcore-review--work)
         (window (get-buffer-window buffer)))
    (with-current-buffer buffer
      (cursorcore-offer-clear)
      (save-restriction
        (widen)
        (let* ((all (sort (mapcar (lambda (edit)
                                    (cursorcore-text-edit (plist-get edit :range) (plist-get edit :newText)))
                                  edits)
                          (lambda (a b) (< (car a) (car b)))))
               (groups (cursorcore-review--split (mapcan #'cursorcore-text-parts all)))
               (review (make-cursorcore-review :buffer buffer :reply reply :applied 0
                                               :tick (buffer-chars-modified-tick))))
          (setf (cursorcore-review-changes review)
                (mapcar (lambda (parts)
                          (make-cursorcore-review-change
                           :parts (mapcar (lambda (part)
                                            (list (car part) (copy-marker (nth 1 part) t)
                                                  (copy-marker (nth 2 part)) (nth 3 part)))
                                          parts)
                           :overlays (cursorcore-show-parts parts)
                           :beg (copy-marker (nth 1 (car parts)))
                           :end (copy-marker (nth 2 (car (last parts))))))
                        groups)
                (cursorcore-review-outside review)
                (cursorcore-review--lines-outside (apply #'append groups) work))
          (setq cursorcore-review--current review)
          (if (null groups)
              (cursorcore-review-finish)
            (when window
              (with-selected-window window
                (unless (cl-some (lambda (change)
                                   (cursorcore-show-visible-p (cursorcore-review-change-beg change)))
                                 (cursorcore-review-changes review))
                  (cursorcore-show-go (cursorcore-review-change-beg (car (cursorcore-review-changes review)))))))
            (cursorcore-review-say)))))
    (run-hooks 'cursorcore-offer-change-hook)))

(defun cursorcore-review--lines-outside (parts work)
  "Return how many lines outside of the region of WORK would go with PARTS."
  (pcase-let ((`(,_ ,_ ,beg ,end) work))
    (if (not beg)
        0
      (let ((from (save-excursion (goto-char beg) (line-beginning-position)))
            (to (save-excursion (goto-char end) (line-beginning-position 2))))
        (cl-loop for (_ part-beg part-end _) in parts
                 when (< part-beg from) sum (count-lines part-beg (min part-end from))
                 when (> part-end to) sum (count-lines (max part-beg to) part-end))))))

(defun cursorcore-review-say ()
  "Say what is shown and which keys there are."
  (let* ((review cursorcore-review--current)
         (count (length (cursorcore-review-changes review)))
         (outside (cursorcore-review-outside review)))
    (cursorcore-server-say
     "%d change%s%s; %s" count (if (= count 1) "" "s")
     (if (> outside 0) (format ", %d line%s OUTSIDE the region would go" outside (if (= outside 1) "" "s")) "")
     (substitute-command-keys
      (concat "TAB applies, S-TAB leaves out, \\<cursorcore-mode-map>\\[cursorcore-apply-all] all, "
              "\\[cursorcore-cancel] none")))))

;;; Looking through

(defun cursorcore-review--drop (change)
  "Take CHANGE down."
  (cursorcore-show-hide (cursorcore-review-change-overlays change))
  (cl-callf2 delq change (cursorcore-review-changes cursorcore-review--current)))

(defun cursorcore-review-finish ()
  "End looking through: what is left is not applied."
  (let ((review cursorcore-review--current))
    (when review
      (dolist (change (cursorcore-review-changes review))
        (cursorcore-show-hide (cursorcore-review-change-overlays change)))
      (setq cursorcore-review--current nil)
      (funcall (cursorcore-review-reply review)
               (if (> (cursorcore-review-applied review) 0)
                   '(:applied t)
                 '(:applied :json-false :failureReason "not wanted")))
      (run-hooks 'cursorcore-offer-change-hook))))

(defun cursorcore-review--here ()
  "Return the change at point, if that can be seen."
  (cl-find-if (lambda (change)
                (let ((beg (cursorcore-review-change-beg change))
                      (end (cursorcore-review-change-end change)))
                  (and (<= (save-excursion (goto-char beg) (line-beginning-position)) (point)
                           (save-excursion (goto-char end) (line-end-position)))
                       (cursorcore-show-visible-p beg))))
              (cursorcore-review-changes cursorcore-review--current)))

(defun cursorcore-review--go-on ()
  "Go to the next change, or finish after the last."
  (let ((changes (cursorcore-review-changes cursorcore-review--current)))
    (if (null changes)
        (cursorcore-review-finish)
      (cursorcore-show-go (cursorcore-review-change-beg
                           (or (cl-find-if (lambda (change) (>= (cursorcore-review-change-beg change) (point)))
                                           changes)
                               (car changes))))
      (cursorcore-review-say))))

(defun cursorcore-review-next ()
  "Go to the change after point."
  (let ((changes (cursorcore-review-changes cursorcore-review--current)))
    (cursorcore-show-go (cursorcore-review-change-beg
                         (or (cl-find-if (lambda (change)
                                           (> (cursorcore-review-change-beg change) (line-end-position)))
                                         changes)
                             (car changes))))))

(defun cursorcore-review--put (change)
  "Make CHANGE true."
  (cursorcore-review--drop change)
  (let* ((review cursorcore-review--current)
         (parts (mapcar (lambda (part)
                          (list (car part) (marker-position (nth 1 part)) (marker-position (nth 2 part))
                                (nth 3 part)))
                        (cursorcore-review-change-parts change)))
         (behind (cursorcore-server-put parts)))
    (goto-char behind)
    (set-marker behind nil)
    (cl-incf (cursorcore-review-applied review))
    (setf (cursorcore-review-tick review) (buffer-chars-modified-tick))))

(defun cursorcore-review-take ()
  "Apply the change at point and go to the next, or go to the first one."
  (let ((change (cursorcore-review--here)))
    (if (not change)
        (cursorcore-review--go-on)
      (undo-boundary)
      (cursorcore-review--put change)
      (undo-boundary)
      (cursorcore-review--go-on))))

(defun cursorcore-review-leave-out ()
  "Leave the change at point out, or the first one, and go on."
  (cursorcore-review--drop (or (cursorcore-review--here)
                               (car (cursorcore-review-changes cursorcore-review--current))))
  (cursorcore-review--go-on))

(defun cursorcore-review-take-all ()
  "Apply everything, as one step to undo."
  (let ((review cursorcore-review--current))
    (when (or (= (cursorcore-review-outside review) 0)
              (y-or-n-p (format "%d lines outside the region would go; apply all the same? "
                                (cursorcore-review-outside review))))
      (undo-boundary)
      (mapc #'cursorcore-review--put (reverse (cursorcore-review-changes review)))
      (undo-boundary)
      (cursorcore-review-finish))))

(defun cursorcore-review-after-command ()
  "End looking through once the text is another one."
  (let ((review cursorcore-review--current))
    (when (and review
               (eq (cursorcore-review-buffer review) (current-buffer))
               (not (cursorcore-review-active-p)))
      (cursorcore-review-finish))))

;;; Asking

(defun cursorcore-review-run (command argument &optional beg end)
  "Have the server run COMMAND with ARGUMENT; look through what comes of it.
What comes is expected between BEG and END."
  (cursorcore-review-cancel)
  (let* ((done (lambda () (setq cursorcore-review--work nil) (run-hooks 'cursorcore-offer-change-hook)))
         (id (cursorcore-server-execute
              command (vector argument)
              (lambda (answer)
                (let ((chat (plist-get answer :chat)))
                  (funcall done)
                  (when chat (display-message-or-buffer chat "*cursorcore*"))))
              (lambda (message)
                (when cursorcore-review--work
                  (funcall done)
                  (cursorcore-server-say "%s" message))))))
    (when id
      (setq cursorcore-review--work
            (list id (current-buffer) (and beg (copy-marker beg)) (and end (copy-marker end))))
      (run-hooks 'cursorcore-offer-change-hook)
      (cursorcore-server-say "%s" (substitute-command-keys
                                   "working; \\<cursorcore-mode-map>\\[cursorcore-cancel] cancels")))))

(defun cursorcore-review-cancel ()
  "Call off what is worked on, and end looking through.
Return nil if there was nothing."
  (when (or cursorcore-review--work cursorcore-review--current)
    (let ((id (car cursorcore-review--work)))
      (setq cursorcore-review--work nil)
      (if cursorcore-review--current (cursorcore-review-finish) (cursorcore-server-cancel id)))
    (run-hooks 'cursorcore-offer-change-hook)
    t))

(defun cursorcore-review--lost ()
  "Forget what the server was asked for."
  (setq cursorcore-review--work nil)
  (when cursorcore-review--current
    (setf (cursorcore-review-reply cursorcore-review--current) #'ignore)
    (cursorcore-review-finish)))

(add-hook 'cursorcore-server-lost-hook #'cursorcore-review--lost)

(provide 'cursorcore-review)
;;; cursorcore-review.el ends here
