;;; cursorcore-lsp-mode.el --- The server as an add-on of lsp-mode  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; For those who want the server through lsp-mode 10 instead of a connection of
;; its own: ghost text is then `lsp-inline-completion-mode', and edits elsewhere
;; are code actions, beside whatever other server serves the buffer.
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
(declare-function make-lsp-client "ext:lsp-mode")
(declare-function lsp-register-client "ext:lsp-mode")
(declare-function lsp-stdio-connection "ext:lsp-mode")
(declare-function lsp-request-async "ext:lsp-mode")
(declare-function lsp-get "ext:lsp-protocol")
(declare-function lsp-inline-completion-accept "ext:lsp-inline-completion")
(declare-function lsp-inline-completion-cancel "ext:lsp-inline-completion")

(defun cursorcore-lsp-mode--serves-p (file _mode)
  "Return non-nil if FILE's buffer is served through lsp-mode."
  (and file
       (not (file-remote-p file))
       (not (bound-and-true-p cursorcore-mode))
       (executable-find (car (cursorcore-server-command)))
       t))

(defun cursorcore-lsp-mode-reject ()
  "Take the ghost text away and tell the server that it is not wanted."
  (interactive)
  (let* ((item (elt lsp-inline-completion--items lsp-inline-completion--current))
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
  (keymap-set lsp-inline-completion-active-map "<backtab>" #'cursorcore-lsp-mode-reject))

(provide 'cursorcore-lsp-mode)
;;; cursorcore-lsp-mode.el ends here
