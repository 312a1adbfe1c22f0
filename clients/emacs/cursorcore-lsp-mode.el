;;; cursorcore-lsp-mode.el --- The server as an add-on of lsp-mode  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; For those who want the server through lsp-mode 10 instead of a connection of
;; its own: ghost text is then `lsp-inline-completion-mode', and edits elsewhere
;; are code actions, beside whatever other server serves the buffer.
;;
;; TAB takes the ghost text, M-f a word of it, C-e a line, S-TAB refuses it.
;;
;;   (with-eval-after-load 'lsp-mode (require 'cursorcore-lsp-mode))
;;
;; Buffers in which `cursorcore-mode' is on are left to that.

;;; Code:

(require 'cursorcore-server)
(require 'lsp-mode nil t)
(require 'lsp-inline-completion nil t)

(defvar cursorcore-mode)
(defvar lsp-inline-completion-active-map)
(defvar lsp-inline-completion--items)
(defvar lsp-inline-completion--current)
(defvar lsp-inline-completion--start-point)
(declare-function make-lsp-client "ext:lsp-mode")
(declare-function lsp-register-client "ext:lsp-mode")
(declare-function lsp-stdio-connection "ext:lsp-mode")
(declare-function lsp-request-async "ext:lsp-mode")
(declare-function lsp-get "ext:lsp-protocol")
(declare-function lsp-inline-completion-accept "ext:lsp-inline-completion")
(declare-function lsp-inline-completion-cancel "ext:lsp-inline-completion")

(defun cursorcore-lsp-mode--serves-p (file _mode)
  "Return non-nil if FILE's buffer is served through lsp-mode.
Where the program is missing, say so, since lsp-mode does not for an add-on."
  (and file
       (not (file-remote-p file))
       (not (bound-and-true-p cursorcore-mode))
       (let ((program (car (cursorcore-server-command))))
         (or (and (executable-find program) t)
             (cursorcore-server-say-missing program)))))

(defun cursorcore-lsp-mode--item ()
  "Return the ghost text that is shown, as the server sent it."
  (elt lsp-inline-completion--items lsp-inline-completion--current))

(defun cursorcore-lsp-mode--take-part (regexp)
  "Insert what REGEXP matches of the ghost text; the rest is offered again."
  (let* ((text (lsp-get (cursorcore-lsp-mode--item) :insertText))
         (length (and (string-match regexp text) (match-end 0)))
         (start lsp-inline-completion--start-point))
    (if (or (null length) (= length (length text)))
        (lsp-inline-completion-accept)
      (lsp-inline-completion-cancel)
      (goto-char start)
      (insert (substring text 0 length)))))

(defun cursorcore-lsp-mode-accept-word ()
  "Insert the next word of the ghost text."
  (interactive)
  (cursorcore-lsp-mode--take-part cursorcore-text-word))
(put 'cursorcore-lsp-mode-accept-word 'lsp-inline-completion-keep t)

(defun cursorcore-lsp-mode-accept-line ()
  "Insert the ghost text up to the end of the line.
At the end of the line, the next line is taken whole."
  (interactive)
  (cursorcore-lsp-mode--take-part cursorcore-text-line))
(put 'cursorcore-lsp-mode-accept-line 'lsp-inline-completion-keep t)

(defun cursorcore-lsp-mode-reject ()
  "Take the ghost text away and tell the server that it is not wanted."
  (interactive)
  (let* ((item (cursorcore-lsp-mode--item))
         (command (and item (lsp-get item :command)))
         (arguments (and command (lsp-get command :arguments))))
    (lsp-inline-completion-cancel)
    (when arguments
      (lsp-request-async "workspace/executeCommand"
                         (list :command "cursorcore.reject" :arguments arguments)
                         #'ignore :error-handler #'ignore))))
(put 'cursorcore-lsp-mode-reject 'lsp-inline-completion-keep t)

(when (featurep 'lsp-mode)
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection #'cursorcore-server-command)
                    :activation-fn #'cursorcore-lsp-mode--serves-p
                    :server-id 'cursorcore
                    :add-on? t
                    :priority -2
                    :initialization-options #'cursorcore-server-options)))

(when (boundp 'lsp-inline-completion-active-map)
  ;; Its own key, C-<return>, is none in a terminal.
  (keymap-set lsp-inline-completion-active-map "TAB" #'lsp-inline-completion-accept)
  (keymap-set lsp-inline-completion-active-map "<tab>" #'lsp-inline-completion-accept)
  (keymap-set lsp-inline-completion-active-map "<backtab>" #'cursorcore-lsp-mode-reject)
  (dolist (key '("M-f" "M-<right>" "C-<right>"))
    (keymap-set lsp-inline-completion-active-map key #'cursorcore-lsp-mode-accept-word))
  (dolist (key '("C-e" "<end>"))
    (keymap-set lsp-inline-completion-active-map key #'cursorcore-lsp-mode-accept-line)))

(provide 'cursorcore-lsp-mode)
;;; cursorcore-lsp-mode.el ends here
