Attribute VB_Name = "XlbBoutons"
Option Explicit

' The buttons in the sheets of this workbook: one procedure for each command of xlbridge/desk/commands.py.

Public Sub XlbVerifier()
    XlbStart "check", ThisWorkbook
End Sub

Public Sub XlbSuivant()
    XlbStart "next", ThisWorkbook
End Sub

Public Sub XlbCorriger()
    XlbStart "fix", ThisWorkbook
End Sub

Public Sub XlbEffacerMarques()
    XlbStart "clear", ThisWorkbook
End Sub

Public Sub XlbApercu()
    XlbStart "preview", ThisWorkbook
End Sub

Public Sub XlbEmettre()
    XlbStart "issue", ThisWorkbook
End Sub

Public Sub XlbAvoir()
    XlbStart "credit", ThisWorkbook
End Sub

Public Sub XlbExporter()
    XlbStart "export", ThisWorkbook
End Sub

Public Sub XlbDoublons()
    XlbStart "duplicates", ThisWorkbook
End Sub

Public Sub XlbControleClasseur()
    XlbStart "verify", ThisWorkbook
End Sub

Public Sub XlbAide()
    XlbStart "help", ThisWorkbook
End Sub
